/// The screen of a terminal after the bytes that were written to it: as much of an xterm as line editing uses.
package struct TerminalScreen: Sendable {
    /// The number of rows.
    package private(set) var rows: Int
    /// The number of columns.
    package private(set) var columns: Int
    /// The place of the cursor, both from 0.
    package private(set) var cursor = (row: 0, column: 0)
    private var cells: [[Character]]
    private var wrapsNext = false
    private var inserts = false
    private var pending: ArraySlice<UInt8> = []

    init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    /// The rows, without the blanks at their ends and the empty ones below the last.
    package var lines: [String] {
        var lines = cells.map { row in
            // The right half of a wide character holds nothing.
            String(row.filter { $0 != "\0" }.reversed().drop { $0 == " " }.reversed())
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    /// True if somebody in front of both would see the same.
    func looksLike(_ other: TerminalScreen) -> Bool {
        cells == other.cells && cursor == other.cursor
    }

    /// The screen as if some rows had never been written, but those with the cursor.
    func without(_ isLeftOut: (String) -> Bool) -> TerminalScreen {
        var screen = self
        for (row, line) in lines.enumerated().reversed() where row != cursor.row && isLeftOut(line) {
            screen.cells.remove(at: row)
            screen.cells.append(Array(repeating: " ", count: columns))
            if row < screen.cursor.row { screen.cursor.row -= 1 }
        }
        return screen
    }

    /// The row in which the cursor is.
    package var cursorLine: String { cursor.row < lines.count ? lines[cursor.row] : "" }

    mutating func resize(rows: Int, columns: Int) {
        for row in cells.indices {
            cells[row] = Array((cells[row] + Array(repeating: " ", count: columns)).prefix(columns))
        }
        while cells.count > rows { cells.removeFirst() }
        while cells.count < rows { cells.append(Array(repeating: " ", count: columns)) }
        (self.rows, self.columns) = (rows, columns)
        cursor = (min(cursor.row, rows - 1), min(cursor.column, columns - 1))
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        while let length = stepLength {
            let step = Array(pending.prefix(length))
            pending = pending.dropFirst(length)
            take(step)
        }
    }

    /// The length of the next character or sequence; nil while it is not complete.
    private var stepLength: Int? {
        guard let first = pending.first else { return nil }
        guard first == 0x1B else {
            let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
            return pending.count >= length ? length : nil
        }
        guard pending.count > 1 else { return nil }
        let start = pending.startIndex
        switch pending[start + 1] {
        case UInt8(ascii: "["):
            return pending.dropFirst(2).firstIndex { (0x40...0x7E).contains($0) }.map { $0 - start + 1 }
        case UInt8(ascii: "]"): return pending.firstIndex(of: 7).map { $0 - start + 1 }
        case UInt8(ascii: "("), UInt8(ascii: ")"): return pending.count > 2 ? 3 : nil
        default: return 2
        }
    }

    private mutating func take(_ step: [UInt8]) {
        switch step[0] {
        case 0x1B:
            if step[1] == UInt8(ascii: "["), let last = step.last { control(last, step[2..<step.count - 1]) }
        case 8:
            cursor.column = max(cursor.column - 1, 0)
            wrapsNext = false
        case 9: cursor.column = min((cursor.column / 8 + 1) * 8, columns - 1)
        case 10: lineFeed()
        case 13:
            cursor.column = 0
            wrapsNext = false
        case ..<32: break
        default: put(Character(String(decoding: step, as: UTF8.self)))
        }
    }

    private mutating func lineFeed() {
        wrapsNext = false
        cursor.row += 1
        guard cursor.row == rows else { return }
        cursor.row = rows - 1
        cells.removeFirst()
        cells.append(Array(repeating: " ", count: columns))
    }

    private mutating func put(_ character: Character) {
        let code = character.unicodeScalars.first?.value ?? 0
        let width = (0x1100...0x115F).contains(code) || (0x2E80...0xFFDC).contains(code) || code > 0x1F300 ? 2 : 1
        if wrapsNext || cursor.column + width > columns {
            cursor.column = 0
            lineFeed()
        }
        if inserts {
            cells[cursor.row].insert(contentsOf: Array(repeating: " ", count: width), at: cursor.column)
            cells[cursor.row].removeLast(width)
        }
        cells[cursor.row][cursor.column] = character
        if width == 2 { cells[cursor.row][cursor.column + 1] = "\0" }
        // At the edge the cursor stays until something more is written.
        wrapsNext = cursor.column + width >= columns
        cursor.column = min(cursor.column + width, columns - 1)
    }

    private mutating func control(_ command: UInt8, _ parameters: ArraySlice<UInt8>) {
        let numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
        let first = numbers.first ?? 0
        let count = max(first, 1)
        wrapsNext = false
        switch Character(UnicodeScalar(command)) {
        case "A": cursor.row = max(cursor.row - count, 0)
        case "B": cursor.row = min(cursor.row + count, rows - 1)
        case "C": cursor.column = min(cursor.column + count, columns - 1)
        case "D": cursor.column = max(cursor.column - count, 0)
        case "G": cursor.column = min(count - 1, columns - 1)
        case "d": cursor.row = min(count - 1, rows - 1)
        case "H":
            let column = numbers.count > 1 ? max(numbers[1], 1) : 1
            cursor = (min(count - 1, rows - 1), min(column - 1, columns - 1))
        case "J": eraseDisplay(first)
        case "K": eraseLine(first)
        case "P":
            let removed = min(count, columns - cursor.column)
            cells[cursor.row].removeSubrange(cursor.column..<cursor.column + removed)
            cells[cursor.row] += Array(repeating: " ", count: removed)
        case "@":
            cells[cursor.row].insert(contentsOf: Array(repeating: " ", count: count), at: cursor.column)
            cells[cursor.row].removeLast(count)
        case "h" where first == 4: inserts = true
        case "l" where first == 4: inserts = false
        default: break
        }
    }

    private mutating func eraseLine(_ mode: Int) {
        let range = mode == 0 ? cursor.column..<columns : mode == 1 ? 0..<cursor.column + 1 : 0..<columns
        for column in range { cells[cursor.row][column] = " " }
    }

    private mutating func eraseDisplay(_ mode: Int) {
        eraseLine(mode)
        let range = mode == 0 ? cursor.row + 1..<rows : mode == 1 ? 0..<cursor.row : 0..<rows
        for row in range { cells[row] = Array(repeating: " ", count: columns) }
    }
}
