import Redstream
import RedstreamSystem
import Synchronization

/// Tells on standard output what a service does.
///
/// The work does not wait for the reader, and its lock is not held for one that does not read: reports that nobody takes
/// are dropped, and counted on standard error.
struct ServiceReports: Sendable {
    private let writer: LineWriter

    /// Creates the reports of a service.
    ///
    /// - Throws: ``OutputError``.
    init(in context: CommandContext) throws {
        let console = context.console
        let hasFailed = Atomic(false)
        writer = try context.output.lineWriter(
            onDrop: { count in
                console.note(
                    "\(count.counted("line of the report was", "lines of the report were")) dropped: standard output was not read"
                )
                return nil
            },
            onFailure: { error, lines in
                // The end of the reader ends the service.
                guard error.code != EPIPE else { return }
                let isNews = !hasFailed.exchange(true, ordering: .relaxed)
                if isNews { console.note("the report cannot be written: \(error.reason); it follows here") }
                console.say(String(String(decoding: lines, as: UTF8.self).dropLast()))
            })
    }

    /// Tells something.
    func tell(_ text: String) {
        writer.write(text + "\n")
    }

    /// Gives the reader a last moment to take what is not written yet.
    func finish() {
        writer.finish()
    }
}
