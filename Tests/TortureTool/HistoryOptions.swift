import ArgumentParser
import Foundation
import Torture

/// The place of a run's history, and its treatment afterwards.
struct HistoryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where to keep the history of a run that failed.", valueName: "folder"))
    var history = NSTemporaryDirectory()

    @Flag(help: "Keep the history of a run that did not fail too.")
    var keep = false

    /// Makes a folder of a run's own.
    ///
    /// - Throws: Why it cannot be made.
    func makeFolder(named name: String) throws -> String {
        let folder = "\(history)/\(name)-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Removes the folder of a run that is of no further interest, or completes it with what tells the run.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - recorded: What was recorded.
    ///   - report: What else is told of it; nil for nothing.
    ///   - isGood: Whether the run did not fail.
    /// - Returns: Whether the folder is kept.
    /// - Throws: Why it cannot be removed or written.
    func settle(_ folder: String, _ recorded: History, report: String? = nil, isGood: Bool) throws -> Bool {
        if isGood, !keep {
            try FileManager.default.removeItem(atPath: folder)
            return false
        }
        try Chronicle.text(of: recorded).write(toFile: "\(folder)/chronicle", atomically: false, encoding: .utf8)
        try report?.write(toFile: "\(folder)/report", atomically: false, encoding: .utf8)
        return true
    }
}

/// Tells the user how it goes.
func say(_ line: String) {
    FileHandle.standardError.write(Data("torture: \(line)\n".utf8))
}
