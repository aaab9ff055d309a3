import Redstream
import TestSupport
import Testing

/// Completion as it comes about in a real bash, by the script that is installed.
@Suite struct BashCompletionTests {
    /// Splits a line as bash does, calls the function that bash would call, and prints what it would offer.
    private static let harness = #"""
        redstream() { "$TOOL" "$@"; }
        source "$SCRIPT"
        COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2)) current=${@: -1}
        [[ $current != [:=] ]] || current=
        _redstream_rejoined redstream "$current" "${COMP_WORDS[COMP_CWORD - 1]}" && printf '%s\n' "${COMPREPLY[@]}"
        """#

    private func offers(_ line: String, as words: [String], in fixture: Fixture) async throws -> [String] {
        let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let environment = fixture.toolEnvironment.merging(
            ["TOOL": ToolProcess.executable, "SCRIPT": "\(root)/completions/redstream.bash"]) { $1 }
        let bash = try ToolProcess(
            ["-c", Self.harness, "bash", line] + words, environment: environment, program: "/bin/bash")
        return try await bash.result().lines.sorted()
    }

    @Test func offersCommandsAndOptionValuesWithoutAServer() async throws {
        try await withNamespace { fixture in
            let commands = try await offers("redstream con", as: ["redstream", "con"], in: fixture)
            #expect(commands == ["consume"])
            let topics = try await offers("redstream help de", as: ["redstream", "help", "de"], in: fixture)
            #expect(topics == ["dead-letters", "delay"])
            let words = ["redstream", "consume", "--output", ""]
            let formats = try await offers("redstream consume --output ", as: words, in: fixture)
            #expect(formats == ["json", "payload", "text"])
        }
    }

    @Test func offersLiveNamesAlsoWhereBashTakesThemApart() async throws {
        try await withNamespace { fixture in
            for stream in ["products", "shop:prices", "shop:products", "a b"] {
                try await fixture.add(to: fixture.keys.stream(stream))
            }
            try await fixture.redis("SET", fixture.keys.offset(.init(stream: "products", name: "indexer")), "0-0")
            func offer(_ names: [String], for tail: String, as words: String...) async throws {
                let line = "redstream seek --stream\(tail)"
                // On a busy machine the tool may give up before it knows; a shell's user would press Tab again.
                try await eventually("\(line) is completed by \(names)") {
                    try await offers(line, as: ["redstream", "seek", "--stream"] + words, in: fixture) == names
                }
            }
            try await offer(["products"], for: " pro", as: "pro")
            try await offer(["products"], for: "=pro", as: "=", "pro")
            try await offer([#"a\ b"#], for: " a", as: "a")
            try await offer(["products"], for: " shop:pro", as: "shop", ":", "pro")
            try await offer(["prices", "products"], for: " shop:", as: "shop", ":")
            try await offer(["indexer"], for: " products --name i", as: "products", "--name", "i")
        }
    }

    @Test func runsNothingThatAStreamIsNamed() async throws {
        try await withNamespace { fixture in
            let name = #"x$(echo run)`echo run`"#
            try await fixture.add(to: fixture.keys.stream(name))
            let words = ["redstream", "seek", "--stream", "x"]
            try await eventually("the name is offered as it is") {
                let offered = try await offers("redstream seek --stream x", as: words, in: fixture)
                return offered == [#"x\$\(echo\ run\)\`echo\ run\`"#]
            }
        }
    }

    @Test func offersNothingWhereNoServerAnswers() async throws {
        try await withNamespace { fixture in
            let line = "redstream seek --url redis://127.0.0.1:1 --stream "
            let words = line.split(separator: " ").map(String.init) + [""]
            let names = try await offers(line, as: words, in: fixture)
            #expect(names.isEmpty)
        }
    }
}
