import ArgumentParser
import Redstream

/// `redstream shard-of`: which shard a record belongs to.
struct ShardOfCommand: ToolCommand {
    static let action = "cannot tell the shard"
    static let configuration = CommandConfiguration(
        commandName: "shard-of",
        abstract: "Tell the shard of a record by its id.",
        discussion: """
            Ids are arguments, or lines of standard input. The shard is the first four hex digits of the SHA-1 of the id's \
            text, as a number, modulo the count. No server is asked.

              redstream shard-of 42 --shards 16
              psql -Atc 'select id from products' | redstream shard-of --shards 16 --stream products
            """)

    @Option(help: "The number of shards.", transform: Sharding.init(argument:))
    var shards: Sharding

    @Option(help: "Print the names of this stream's shards.", completion: NameCompletion.streams)
    var stream: String?

    @Option(name: .shortAndLong, help: "How to report: text or json.")
    var output = ReportFormat.text

    @OptionGroup var color: ColorOptions

    @Argument(help: ArgumentHelp("The ids of records.", valueName: "id"))
    var ids: [String] = []

    func validate() throws {
        try NameCheck.notEmpty(stream, option: "--stream")
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        if !ids.isEmpty {
            try await context.output.write(ids.flatMap { line(Array($0.utf8)[...]) })
            return .done
        }
        let input = try InputSource(file: nil, context)
        if input.isTerminal { context.console.note("type one id per line; Ctrl-D ends") }
        let request = try await context.finishing(within: .seconds(10), end: { input.file.stop() }) {
            var splitter = LineSplitter()
            reading: while true {
                var lines: [UInt8] = []
                switch try await input.file.read(atMost: 256 << 10) {
                case .bytes(let bytes, _): splitter.split(bytes) { id, _ in lines += line(ArraySlice(id)) }
                case .end:
                    splitter.finish { id, _ in lines += line(ArraySlice(id)) }
                    try await context.output.write(lines)
                    break reading
                case .stopped: break reading
                }
                try await context.output.write(lines)
            }
        }
        return request?.exitCode ?? .done
    }

    /// What is said of one id, with its line feed.
    private func line(_ id: ArraySlice<UInt8>) -> [UInt8] {
        let shard = shards.shard(ofBytes: id)
        let name = stream.map { shards.stream($0, shard: shard) }
        switch output {
        case .text:
            return Array(TerminalText.escaped(name ?? "\(shard)").utf8) + [UInt8(ascii: "\n")]
        case .json:
            let document = JSONValue.object([
                ("id", .string(String(decoding: id, as: UTF8.self))), ("shard", .integer(shard)),
                ("stream", .optional(name)),
            ])
            return Array((document.text + "\n").utf8)
        }
    }
}
