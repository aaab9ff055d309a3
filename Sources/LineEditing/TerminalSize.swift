import RedstreamSystem

/// The size of a terminal's window.
package struct TerminalSize: Sendable, Equatable {
    /// The number of columns.
    package let columns: Int
    /// The number of rows.
    package let rows: Int

    /// Asks a terminal; nil where it is none, or does not know.
    package init?(of descriptor: Int32) {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return nil
        }
        self.init(columns: Int(window.ws_col), rows: Int(window.ws_row))
    }

    package init(columns: Int, rows: Int) {
        (self.columns, self.rows) = (columns, rows)
    }

    /// Returns the number of rows that a line takes; codes that set its colours take none.
    package func rows(of line: some StringProtocol) -> Int {
        var place = ScreenText(columns: columns)
        var isEscape = false
        for scalar in line.unicodeScalars {
            if isEscape {
                isEscape = scalar == "[" || !(0x40...0x7E).contains(scalar.value)
            } else if scalar == "\u{1B}" {
                isEscape = true
            } else {
                place.append(scalar)
            }
        }
        return max(1, place.row + (place.column > 0 ? 1 : 0))
    }

    /// The lines that fit into so many rows, from the first on.
    package func fitting<Line: StringProtocol>(_ lines: [Line], rows limit: Int) -> [Line] {
        var used = 0
        return Array(
            lines.prefix { line in
                used += rows(of: line)
                return used <= limit
            })
    }
}
