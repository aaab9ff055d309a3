# What the demonstrations say, and how: sourced by them.

bold='' plain=''
if [[ -t 1 && -z ${NO_COLOR-} && ${TERM-dumb} != dumb ]]; then
    bold=$'\e[1m' plain=$'\e[0m'
fi

step() {
    printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

# Shows a command line, then does it.
run() {
    echo "  \$ $1"
    # In braces, or Bash forgets the status of what failed.
    { eval "$1"; } 2>&1 | indented
}

# Shows a command line that has to end by SIGKILL, and does it.
run_killed() {
    local status=0
    echo "  \$ $1"
    # In a shell of its own, whose remark about the end is not shown.
    { bash -c "$1; exit \$?" 2>/dev/null | indented; } || status=$?
    ((status == 128 + 9)) || fail "it should have been killed, and ended with $status"
    echo "    Killed"
}

indented() {
    sed 's/^/    /'
}

fail() {
    echo "demo: $*" >&2
    exit 1
}

# stop_service: asks the process $service to stop, and waits for it.
stop_service() {
    [[ -n ${service-} ]] || return 0
    kill "$service" 2>/dev/null || true
    local ended=$service
    service=
    wait "$ended"
}
