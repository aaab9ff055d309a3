import ArgumentParser

/// The format of reports of commands that do not write records.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
}
