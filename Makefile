# redstream: build, check, show and measure. `make` lists the targets.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=

# The release binary carries Swift's runtime, so that it runs where no Swift is installed and starts without
# loading a dozen libraries. Apple's systems bring the runtime along and have no static one.
RELEASE := -c release
ifneq ($(shell uname -s),Darwin)
RELEASE += --static-swift-stdlib
endif
BINARY := .build/release/redstream

BENCH_CLIENT := .build/benchmarks/client
CFLAGS ?= -O2
HOMEBREW := $(if $(wildcard /opt/homebrew/include),-I/opt/homebrew/include -L/opt/homebrew/lib)

SWIFT_SOURCES := $(wildcard Package.swift Sources Tests Examples)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-servers test-traits torture failover model fuzz sanitize bench install uninstall
.PHONY: docs reference format lint build clean

help: ## list the targets
	@echo 'usage: make TARGET'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: dependencies-demo release release-shop ## show the main job, from the command line and in an application
	REDSTREAM='$(CURDIR)/$(BINARY)' Examples/catalogue/demo
	REDSTREAM='$(CURDIR)/$(BINARY)' SHOP='$(CURDIR)/.build/release/shop-example' Examples/shop/demo

# Tests wait for real servers and programs: all at once they would wait for each other longer than for those.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 12

test: dependencies-test lint model ## check the format and the models, build, run all tests, fuzz, build the reference
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build
	@SWIFT='$(SWIFT)' Tests/Fuzz/run --time 3s
	@$(MAKE) --no-print-directory reference

test-servers: dependencies-servers ## run all tests against Redis 6.2, the installed Redis, and Valkey; SERVERS='6.2 valkey' picks
	$(SWIFT) build --build-tests
	@SWIFT='$(SWIFT)' scripts/test-servers $(SERVERS)

test-traits: dependencies-build ## build an application without the traits TLS and GRDB: nothing of them may be fetched
	@SWIFT='$(SWIFT)' scripts/test-traits

TIME ?= 1m
DEPLOYMENT ?= single
torture: dependencies-test ## faults for TIME=10m, chosen by SEED=42; DEPLOYMENT=sentinel, cluster: nothing may be lost
	$(SWIFT) build --product redstream
	$(SWIFT) build --product TortureTool
	@mkdir -p .build/torture
	@.build/debug/TortureTool --time '$(TIME)' $(if $(SEED),--seed '$(SEED)') --deployment '$(DEPLOYMENT)' \
	    --history .build/torture

ROUNDS ?= 2
failover: dependencies-test ## measure what failovers and resharding cost, each ROUNDS=5 times
	$(SWIFT) build --product redstream
	$(SWIFT) build --product TortureTool
	@mkdir -p .build/torture
	@.build/debug/TortureTool failover --rounds '$(ROUNDS)' --history .build/torture

model: dependencies-model ## prove the lock protocol with spin, and its broken variants wrong
	Tests/Models/check

fuzz: dependencies-fuzz ## fuzz what reads foreign bytes, each target for TIME=10m; TARGET=json picks
	@SWIFT='$(SWIFT)' Tests/Fuzz/run --time '$(TIME)' $(if $(TARGET),--target '$(TARGET)')

sanitize: dependencies-test ## run all tests under the thread and address sanitizers; SANITIZER=thread picks
	@SWIFT='$(SWIFT)' Tests/Sanitizers/run $(SANITIZER)

bench: dependencies-bench release $(BENCH_CLIENT) ## measure against C on hiredis; BENCH='--only produce' picks
	Benchmarks/run --redstream '$(BINARY)' --client '$(BENCH_CLIENT)' $(BENCH)

build: dependencies-build release ## build .build/release/redstream

# Under sudo nothing is built: Swift is often not in root's PATH, and .build would be left to root.
install: $(if $(SUDO_USER),,build) ## install into PREFIX (/usr/local), below DESTDIR if set
	@test -x $(BINARY) || { echo "$(BINARY) is not built yet: run 'make build' first" >&2; exit 1; }
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 $(BINARY) '$(DESTDIR)$(PREFIX)/bin/redstream'
	$(call install_data,completions/redstream.bash,share/bash-completion/completions,redstream)
	$(call install_data,completions/_redstream,share/zsh/site-functions,_redstream)
	$(call install_data,completions/redstream.fish,share/fish/vendor_completions.d,redstream.fish)
	$(foreach page,$(MAN_PAGES),$(call install_data,$(page),share/man/man$(subst .,,$(suffix $(page))),$(notdir $(page)))$(newline))

uninstall: ## remove what `make install` put into PREFIX
	rm -f '$(DESTDIR)$(PREFIX)/bin/redstream'
	rm -f '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/redstream'
	rm -f '$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_redstream'
	rm -f '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/redstream.fish'
	rm -f '$(DESTDIR)$(PREFIX)/share/man/man1/redstream.1' '$(DESTDIR)$(PREFIX)'/share/man/man1/redstream-*.1
	rm -f '$(DESTDIR)$(PREFIX)/share/man/man7/redstream-protocol.7'

docs: dependencies-build ## rewrite completions/, man/ and the table of docs/access-rules.md
	$(SWIFT) build --product redstream
	.build/debug/redstream write-docs .

reference: dependencies-build ## build the libraries' reference (DocC) into .build/reference; a broken link fails
	@SWIFT='$(SWIFT)' scripts/build-reference

format: ## rewrite the Swift sources in the project's format
	$(SWIFT) format --in-place --parallel --recursive $(SWIFT_SOURCES)

lint: ## check the Swift sources' format and rules
	@$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_SOURCES) \
	    || { echo "the format check failed: 'make format' rewrites what it can" >&2; exit 1; }

clean: ## remove what was built
	rm -rf .build .build-fuzz .build-tsan .build-asan

.PHONY: release release-shop
release:
	$(SWIFT) build $(RELEASE) --product redstream

# It shares most of its modules with the tool: from nothing, a debug build would take as long.
release-shop:
	$(SWIFT) build $(RELEASE) --product shop-example

DEPENDENCIES := dependencies-build dependencies-test dependencies-servers dependencies-model dependencies-fuzz \
    dependencies-demo dependencies-bench
.PHONY: $(DEPENDENCIES)
$(DEPENDENCIES): dependencies-%:
	@scripts/install-dependencies $*

$(BENCH_CLIENT): $(wildcard Benchmarks/client/*.[ch])
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(CFLAGS) -Wall -Wextra -Werror $(HOMEBREW) -o $@ $(filter %.c,$^) -lhiredis -lpthread

MAN_PAGES := $(wildcard man/*.[17])

define newline


endef

# install_data FILE,FOLDER,NAME: nothing, where there is no such file.
install_data = $(if $(wildcard $1),install -d '$(DESTDIR)$(PREFIX)/$2' && install -m 644 $1 '$(DESTDIR)$(PREFIX)/$2/$3')
