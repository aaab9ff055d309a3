import RedstreamSystem
import Synchronization

/// The program that shows output taller than the screen: that of REDSTREAM_PAGER or PAGER, else less.
final class ShellPager: Sendable {
    /// True if it could not be run, so that it is not tried again.
    private let isBroken = Atomic(false)

    /// The command; nil if there is none to be used.
    func command(_ environment: [String: String]) -> String? {
        guard !isBroken.load(ordering: .relaxed) else { return nil }
        guard let named = environment["REDSTREAM_PAGER"] ?? environment["PAGER"] else {
            return Self.isInstalled("less", environment) ? "less -RX" : nil
        }
        let command = named.trimmingBlanks
        return command.isEmpty || command == "cat" ? nil : command
    }

    private static func isInstalled(_ program: String, _ environment: [String: String]) -> Bool {
        (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").contains {
            access("\($0)/\(program)", X_OK) == 0
        }
    }

    /// Runs a pager with a text.
    ///
    /// Ctrl-C is the pager's while it runs.
    ///
    /// - Returns: Why it has not shown the text; nil if it has.
    func show(_ text: some TextPieces, by command: String, in context: CommandContext) async throws -> Failure? {
        let process: ShellProcess
        let writeEnd: Int32
        do {
            (process, writeEnd) = try await ShellProcess.startReading(command, context.environment)
        } catch {
            return failure(command, "cannot be run: \(error)", isMissing: true)
        }
        let written = await Self.write(text, to: writeEnd)
        // Another read end, for counting the bytes that were not read.
        let left = written.isAll ? open("/proc/self/fd/\(writeEnd)", O_RDONLY | O_NONBLOCK | O_CLOEXEC) : dup(writeEnd)
        defer { close(left) }
        close(writeEnd)
        let status = await process.ended()
        let hasReadNothing = Self.unreadCount(left) >= written.count
        if status.isOfUser || status == .done && !hasReadNothing { return nil }
        return failure(
            command, status == .done ? "ended without reading" : status.ending,
            isMissing: hasReadNothing || status.isOfMissingCommand)
    }

    private func failure(_ command: String, _ reason: String, isMissing: Bool) -> Failure {
        if isMissing { isBroken.store(true, ordering: .relaxed) }
        return Failure(
            .failed, "cannot show the output in the pager: \(command) \(reason)",
            hint: isMissing
                ? "PAGER names another one; until the shell ends, output is printed"
                : "PAGER names another one; REDSTREAM_PAGER= turns it off")
    }

    /// Writes a text in parts that a pipe takes whole, until the reader ends.
    private static func write(_ text: some TextPieces, to descriptor: Int32) async -> (count: Int, isAll: Bool) {
        let output = OutputFile(descriptor: descriptor)
        var text = text
        var count = 0
        while var piece = text.next()?[...] {
            while !piece.isEmpty {
                let part = Array(piece.prefix(4096))
                do {
                    try await output.write(part)
                } catch {
                    return (count, false)
                }
                count += part.count
                piece = piece.dropFirst(part.count)
            }
        }
        return (count, true)
    }

    /// Returns the number of bytes that wait in a pipe; none if it is not known.
    private static func unreadCount(_ descriptor: Int32) -> Int {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }
}
