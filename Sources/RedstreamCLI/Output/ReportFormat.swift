import ArgumentParser

/// How commands report that do not write records.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
}
