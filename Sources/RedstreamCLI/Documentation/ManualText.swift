import Redstream

/// Builds a manual page in the language of mdoc(7).
struct ManualText {
    private(set) var source: String

    /// Starts a page.
    init(_ title: String, section: Int) {
        // The head line holds the title twice, and between them the name of the volume. A short one keeps groff from
        // cutting off a long title.
        let volume = section == 7 ? "BSD Miscellaneous Information Manual" : "BSD General Commands Manual"
        let isLong = 2 * "\(title)(\(section))".count + volume.count > 76
        source = """
            .\\" Written by "make docs". Do not edit.
            .Dd \(RedstreamCommand.date)
            .Dt \(title.uppercased()) \(section)\(isLong ? " LOCAL" : "")
            .Os redstream \(RedstreamCommand.version)

            """
    }

    /// Adds a line that is mdoc already.
    mutating func macro(_ line: String) {
        source += line + "\n"
    }

    mutating func section(_ title: String) {
        macro(".Sh \(title)")
    }

    /// Adds plain text; a blank line begins a new paragraph, and each sentence gets a line, as mdoc wants it.
    mutating func text(_ text: String) {
        let sentences = text.replacing(". ", with: ".\n").replacing("? ", with: "?\n")
        for line in sentences.split(separator: "\n", omittingEmptySubsequences: false) {
            macro(line.isEmpty ? ".Pp" : Self.line(line))
        }
    }

    /// Adds examples; a line that begins with `#` says what those behind it do.
    ///
    /// - Parameters:
    ///   - lines: The lines.
    ///   - isSection: True if they have a section of their own.
    mutating func examples(_ lines: [String], isSection: Bool = true) {
        guard !lines.isEmpty else { return }
        if isSection { section("EXAMPLES") }
        var commands: [String] = []
        for line in lines where !line.isEmpty {
            guard line.hasPrefix("# ") else {
                commands.append(line)
                continue
            }
            if !commands.isEmpty { display(commands) }
            commands = []
            macro(".Pp")
            text(String(line.dropFirst(2)))
        }
        if !commands.isEmpty { display(commands) }
    }

    /// Adds lines to be shown as they are.
    mutating func display(_ lines: [String]) {
        macro(".Bd -literal -offset indent")
        for line in lines { macro(Self.line(line[...], isLiteral: true)) }
        macro(".Ed")
    }

    /// Adds a list of terms and what they mean; the terms are mdoc already.
    mutating func list(_ items: [(term: String, text: String)], width: String = "Ds") {
        macro(".Bl -tag -width \(width)")
        for (term, text) in items {
            macro(".It \(term)")
            self.text(text)
        }
        macro(".El")
    }

    /// Text that means itself as an argument of a macro.
    static func escaped(_ text: some StringProtocol, isLiteral: Bool = false) -> String {
        var escaped = ""
        var startsWord = true
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\e"
            // A minus, as it is typed in options, not a hyphen.
            case "-" where isLiteral || startsWord: escaped += "\\-"
            case "'" where isLiteral: escaped += "\\(aq"
            case "\"" where isLiteral: escaped += "\\(dq"
            case "^": escaped += "\\(ha"
            case "~": escaped += "\\(ti"
            case "`": escaped += "\\(ga"
            case _ where !scalar.isASCII: escaped += "\\[u\(scalar.value.padded(to: 4, radix: 16))]"
            default: escaped.unicodeScalars.append(scalar)
            }
            startsWord = " ([-\"".unicodeScalars.contains(scalar)
        }
        return escaped
    }

    private static func line(_ line: Substring, isLiteral: Bool = false) -> String {
        let text = escaped(line, isLiteral: isLiteral)
        // At the start of a line a dot or a quote would be taken for a macro.
        return text.begins(with: ".") || text.begins(with: "'") ? "\\&" + text : text
    }
}
