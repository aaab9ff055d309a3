import ArgumentParser
import Redstream

/// `redstream shard-of`: which shard a record belongs to.
struct ShardOfCommand: ToolCommand {
    static let action = "cannot tell the shard"
    static let configuration = CommandConfiguration(
        commandName: "shard-of",
        abstract: "Print which shard a record id belongs to.",
        discussion: """
            Ids are arguments, or lines of standard input. The shard is the first four hex digits of the SHA-1 of the id's \
            text, as a number, modulo the count. No server is asked.

              # One id; all ids of a table, with the names of their streams.
              redstream shard-of 42 --shards 16
              psql -Atc 'select id from products' \\
                | redstream shard-of --shards 16 --stream products
            """)

    @Option(help: ArgumentHelp("Number of shards.", valueName: "number"), transform: Sharding.init(argument:))
    var shards: Sharding

    @Option(
        help: "Print the names of this stream's shards.", completion: .names(.stream), transform: NameText.parsed
    )
    var stream: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup var color: ColorOptions

    @Argument(help: ArgumentHelp("Ids of records.", valueName: "id"))
    var ids: [String] = []

    func validate() throws {
        try NameCheck.notEmpty(stream, option: "--stream")
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        try context.requireOutput()
        if !ids.isEmpty {
            var lines: [UInt8] = []
            for (index, id) in ids.enumerated() {
                var id = id
                let name = "argument \(index + 1)"
                let answer = try id.withUTF8 { (id: UnsafeBufferPointer<UInt8>) throws -> [UInt8] in
                    try line(id, called: name)
                }
                guard !answer.isEmpty else { throw Failure(message: name, BlankMessage()) }
                lines += answer
            }
            try await context.output.write(lines)
            return .done
        }
        let input = try InputSource(file: nil, context)
        if input.isTerminal { context.console.note("type one id per line; Ctrl-D ends") }
        let (_, request) = try await context.finishing(within: .seconds(10), end: input.file.stop) {
            var reader = InputLines(of: input.file, context.console)
            while true {
                var lines: [UInt8] = []
                let state = try await reader.read { id, number in lines += try line(id, called: "line \(number)") }
                try await context.output.write(lines)
                guard case .open = state else { return }
            }
        }
        return request?.exitCode ?? .done
    }

    /// Returns what is said of one id, with its line feed; nothing for a blank line.
    ///
    /// - Throws: ``Failure`` for an id that `produce --ids` refuses.
    private func line(_ line: UnsafeBufferPointer<UInt8>, called name: String) throws(Failure) -> [UInt8] {
        let id: String
        do {
            guard let bytes = try LineFormat.id(in: line) else { return [] }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw RecordIDText.Failure.invalidUTF8 }
            id = text
        } catch {
            throw Failure(message: name, error)
        }
        let shard = shards.shard(of: id)
        let stream = stream.map { shards.stream($0, shard: shard) }
        switch output {
        case .text: return Array(((stream.map(NameText.shown) ?? "\(shard)") + "\n").utf8)
        case .json:
            let document = JSONValue.object([
                ("id", .string(id)), ("shard", .integer(shard)), ("stream", .optional(stream)),
            ])
            return Array((document.text + "\n").utf8)
        }
    }
}
