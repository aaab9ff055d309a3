import LineEditing

/// Rows in columns as wide as their widest cell; what is unknown is `-`.
struct TextTable {
    /// A column: its heading, and to which side its cells stand.
    enum Column {
        case left(String)
        case right(String)

        var heading: String {
            switch self {
            case .left(let heading), .right(let heading): heading
            }
        }
    }

    private let columns: [Column]
    private var rows: [[String]]
    /// The style of each row's last cell.
    private var styles: [Style?] = [nil]

    init(_ columns: [Column]) {
        self.columns = columns
        rows = [columns.map(\.heading)]
    }

    /// Adds a row; control characters in its cells are shown escaped.
    ///
    /// - Parameters:
    ///   - cells: A cell for each column; nil where nothing is known.
    ///   - style: How the last cell is shown.
    mutating func append(_ cells: [String?], style: Style? = nil) {
        styles.append(style)
        rows.append(cells.map { $0.map(TerminalText.escaped) ?? "-" })
    }

    /// The rows as lines, without blanks at their ends.
    var text: String {
        let widths = columns.indices.map { index in rows.map { ScreenText.width(of: $0[index]) }.max() ?? 0 }
        let lines = zip(rows, styles).map { row, style in
            var cells = columns.indices.map { index in
                let padding = ScreenText.padding(of: row[index], to: widths[index])
                return if case .left = columns[index] { row[index] + padding } else { padding + row[index] }
            }
            if let style, let last = row.last { cells[cells.count - 1] = style(last) }
            let line = cells.joined(separator: "  ")
            return line.trimmingBlanksAtEnd
        }
        return lines.joined(separator: "\n")
    }
}

/// Colours for what a reader must not miss.
enum Style: String, Sendable {
    case good = "32"
    case warning = "33"
    case bad = "31"
    case faint = "2"

    /// The text in this style.
    func callAsFunction(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
