import ArgumentParser
import LineEditing
import Redstream
import RedstreamConnection
import RedstreamSystem

/// The command line as a whole: arguments in, exit code out.
public enum Tool {
    /// Runs the command that this process was started with.
    ///
    /// - Returns: The exit code of the process.
    public static func main() async -> Int32 {
        let context: CommandContext
        do throws(SystemError) {
            context = .process(closed: try CommandContext.fillStandardDescriptors())
            try requireMeans()
            try context.signals.install()
        } catch {
            CommandContext.process().console.fail(Failure(error, while: "cannot start"))
            return ExitCode.failed.rawValue
        }
        defer { context.console.finish() }
        Children.reapOrphans()
        do {
            return await run(try ProcessArguments.words(), in: context)
        } catch {
            context.console.fail(error)
            return error.code.rawValue
        }
    }

    /// Checks that the system gives what every command needs: the Swift runtime ends the process otherwise.
    private static func requireMeans() throws(SystemError) {
        try Resources.requireDescriptors(24)
        try Resources.requireThreads(8)
        try Timer.start()
    }

    /// Parses arguments and runs the command that they name.
    ///
    /// - Parameters:
    ///   - arguments: The words after the program's name.
    ///   - context: What the command touches.
    /// - Returns: The exit code.
    public static func run(_ arguments: [String], in context: CommandContext) async -> Int32 {
        var context = context
        context.passwords = ReadPasswords()
        return await run(CommandLine(arguments), in: context).rawValue
    }

    /// Runs a command line.
    static func run(_ line: CommandLine, in context: CommandContext) async -> ExitCode {
        do {
            return await run(try line.parsed.get(), in: context)
        } catch {
            if RedstreamCommand.exitCode(for: error).isSuccess {
                return await ending("cannot show the text", in: context) {
                    var message = RedstreamCommand.fullMessage(for: error)
                    // The parser has found out that help is wanted, and of what; it would fold the examples.
                    if message.begins(with: "OVERVIEW: ") { message = help(on: line.arguments, in: context) }
                    try await context.show(message)
                    return .done
                }
            }
            return refusal(error, of: line.arguments, in: context)
        }
    }

    private static func run(_ command: any ToolCommand, in context: CommandContext) async -> ExitCode {
        let connection = (command as? any ConnectedCommand)?.connection.ignoredOptions(in: context) ?? []
        for sentence in connection + command.ignoredOptions { context.console.note(sentence) }
        return await ending(type(of: command).action, of: command, in: context) { try await command.run(in: context) }
    }

    /// Does anything that the user asked for, and turns its error into an exit code: the one place that does.
    private static func ending(
        _ action: String, of command: (any ToolCommand)? = nil, in context: CommandContext,
        _ body: () async throws -> ExitCode
    ) async -> ExitCode {
        do {
            return try await body()
        } catch {
            let cause = (error as? UnretryableHandlerError)?.underlying ?? error
            // Whoever stopped reading has seen enough.
            if case OutputError.closed = cause { return .done }
            // Work that a signal cut short is no failure to be explained.
            let isCutShort = cause is CancellationError || (cause as? RedisError)?.kind == .cancelled
            if isCutShort, let request = context.signals.first { return request.exitCode }
            let surroundings = await (command as? any ConnectedCommand)?.surroundings(of: cause, in: context)
            let failure = Failure(cause, while: action, in: surroundings ?? .init())
            context.console.fail(failure)
            return failure.code
        }
    }

    /// Says what is wrong with a command line.
    private static func refusal(
        _ error: any Error, of arguments: [String], in context: CommandContext
    ) -> ExitCode {
        if let misspelling = UsageProblem.misspelling(in: arguments) {
            context.console.fail(misspelling)
            return .usage
        }
        let usage = RedstreamCommand.fullMessage(for: error).split(separator: "\n")
        let help = usage.first { $0.contains("--help'") }.flatMap {
            $0.split(separator: "'").dropFirst().first
        }
        context.console.fail(
            Failure(
                .usage, SecretText.hidden(RedstreamCommand.message(for: error)),
                hint: "\(help ?? "redstream --help")"))
        return .usage
    }

    /// The help of the command that words name, as wide as the terminal.
    static func help(on words: [String], in context: CommandContext) -> String {
        let named = words.first == "help" ? words.dropFirst() : words[...]
        let (command, length) = RedstreamCommand.grammar.command(in: named)
        let columns = context.outputIsTerminal ? TerminalSize(of: STDOUT_FILENO)?.columns : nil
        return HelpText(command, path: Array(named.prefix(length)), width: columns ?? 80).text
    }
}

/// A command line that was parsed.
struct CommandLine: Sendable {
    /// The words after the program's name.
    let arguments: [String]
    /// The command; an error if the words do not parse, and for help that was asked for.
    let parsed: Result<any ToolCommand, any Error>

    /// Parses words.
    init(_ words: [String]) {
        let arguments = words.flatMap(ProcessArguments.separated)
        self.arguments = arguments
        parsed = Result {
            var command = try RedstreamCommand.parseAsRoot(arguments)
            if let command = command as? any ToolCommand { return command }
            if let unknown = Self.unknownCommand(inHelp: arguments) {
                throw ValidationError("there is no command \(unknown)")
            }
            // The root, or `help`, which throws the text that it has found.
            try command.run()
            throw CleanExit.helpRequest()
        }
    }

    /// The command that was named; nil if the words do not parse, and for help.
    var command: (any ToolCommand)? { try? parsed.get() }

    /// True if its output is complete before anybody reads it, and may be taller than a screen: help, and some reports.
    var isPaged: Bool { command?.isPaged ?? arguments.contains { ["--help", "-h"].contains($0) } }

    /// The command that help is asked for, where there is none of that name: the parser would show the root's help.
    private static func unknownCommand(inHelp arguments: [String]) -> String? {
        guard arguments.first == "help" else { return nil }
        let words = arguments.dropFirst().prefix { !$0.begins(with: "-") }
        let (command, length) = RedstreamCommand.grammar.command(in: words)
        guard !command.members.isEmpty, length < words.count else { return nil }
        return words.prefix(length + 1).joined(separator: " ")
    }
}

/// Finds what is wrong with a command line that the parser refuses, where it names something else first.
enum UsageProblem {
    /// A failure that names a word nobody knows, and the one that was probably meant.
    ///
    /// The parser tells of a missing option before it tells of the misspelt one that was to be it.
    ///
    /// - Returns: The failure; nil where all names are known.
    static func misspelling(in arguments: [String]) -> Failure? {
        guard arguments.first?.begins(with: "-") == false else { return nil }
        let grammar = RedstreamCommand.grammar
        let (command, length) = grammar.command(in: arguments)
        let full = arguments.prefix(length).joined(separator: " ")
        let help = "\(["redstream", full].filter { !$0.isEmpty }.joined(separator: " ")) --help"
        if let word = arguments.dropFirst(length).first, !command.members.isEmpty, !word.begins(with: "-") {
            let members = (length == 0 ? command.shownMembers : command.members).map(\.name)
            guard length > 0 || word != "help" else { return nil }
            let name = arguments.prefix(length + 1).joined(separator: " ")
            return failure("there is no command \(name)", word, members, help: help)
        }
        for word in arguments.dropFirst(length).prefix(while: { $0 != "--" }) where word.begins(with: "--") {
            if command.arguments.contains(where: { $0.isNamed(by: word) }) { continue }
            let option = String(word.unicodeScalars.prefix { $0 != "=" })
            let options = command.shownArguments.compactMap { $0.longName.map { "--\($0)" } }
            return failure("\(full) has no option \(option)", option, options, help: help)
        }
        return nil
    }

    private static func failure(_ message: String, _ word: String, _ candidates: [String], help: String) -> Failure {
        let meant = SpellCheck.closest(to: word, among: candidates)
        return Failure(
            .usage, SecretText.hidden(message), hint: meant.map { "did you mean \($0)?" } ?? help)
    }
}
