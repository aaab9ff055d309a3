import CEditline

// The functions that libedit calls for keys. They return its CC_… codes.
extension LineEditor {
    /// Hands the next key to libedit.
    func readKey(_ key: UnsafeMutablePointer<wchar_t>?) -> Int32 {
        while true {
            if let scalar = typed.popFirst() {
                key?.pointee = wchar_t(truncatingIfNeeded: scalar.value)
                return 1
            }
            switch nextKey() {
            case .key(.character(let scalar)): typed += characters(for: scalar)
            case .key(.sequence(let bytes)): typed += characters(for: bytes)
            case .notice(.interrupt): typed += characters(for: "\u{3}")
            default: return 0
            }
        }
    }

    /// Waits for a key, an interruption or the end; what else comes is dealt with meanwhile.
    private func nextKey() -> TerminalKeys.Event {
        while true {
            if !keys.hasInput {
                isTypedAhead = false
                showHint()
            }
            let event = keys.next()
            hideHint()
            switch event {
            case .key, .notice(.interrupt), .ended: return event
            case .notice(.redraw): continue
            case .notice(.suspend): suspend(group: false)
            case .notice(.resume): returnToTerminal()
            case .notice(.resize):
                el_resize(editor)
                redraw()
            }
        }
    }

    private func characters(for scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        // Ctrl-D that was typed while a command ran: the terminal has made the end of its input of it.
        let scalar = scalar == "\0" && isTypedAhead ? "\u{4}" : scalar
        if let count = askedCount { return answer(scalar, after: count) }
        if hasOpenPaste {
            switch scalar {
            case "\r", "\n", "\t":
                // It may be of the paste, and runs nothing.
                pasteStart = Array(String(scalar).utf8)
                return bindings.code[KeyBindings.paste].map { [$0] } ?? []
            case "\u{3}": hasOpenPaste = false
            case "\u{4}":
                hasOpenPaste = false
                return line.text.isEmpty ? [scalar] : []
            default: break
            }
        }
        return [scalar == "\u{1B}" && hasViKeys ? KeyBindings.escapeCode : scalar]
    }

    private func characters(for sequence: [UInt8]) -> [Unicode.Scalar] {
        let meaning = SequenceMeaning(sequence)
        if meaning == .pasteEnds { hasOpenPaste = false }
        guard askedCount != nil else { return bindings.characters(for: sequence, isVi: hasViKeys) }
        switch meaning {
        case .pasteBegins: return keys.pasted().text.flatMap { $0 == "\n" ? [] : characters(for: $0) }
        case .typed(let bytes) where bytes.count == 1: return characters(for: Unicode.Scalar(bytes[0]))
        default: return []
        }
    }

    /// Runs the command of libedit that asks for a text: behind it, keys mean something else.
    func ask(_ key: Unicode.Scalar?) -> UInt8 {
        let command = key == "/" ? "vi-search-prev" : key == "?" ? "vi-search-next" : "ed-command"
        guard let code = bindings.code[command] else { return UInt8(CC_ERROR) }
        askedCount = 0
        typed = [code] + typed
        return UInt8(CC_NORM)
    }

    /// The keys to hand to libedit while it asks for a text, of which it has so many characters.
    ///
    /// Backspace leaves where nothing is typed, and no other key does without running something: so Escape, Ctrl-C and
    /// Ctrl-D become Backspaces.
    private func answer(_ scalar: Unicode.Scalar, after count: Int) -> [Unicode.Scalar] {
        switch scalar {
        case "\r", "\n":
            askedCount = nil
            return [scalar]
        case "\u{1B}", "\u{3}", "\u{4}", "\u{7}":
            askedCount = nil
            return Array(repeating: "\u{7F}", count: count + 1) + (scalar == "\u{3}" ? [scalar] : [])
        case "\u{8}", "\u{7F}":
            askedCount = count > 0 ? count - 1 : nil
            return [scalar]
        default:
            // libedit's own limit is a little higher.
            guard scalar.value >= 0x20, count < 1000 else { return [] }
            askedCount = count + 1
            return [scalar]
        }
    }

    /// Takes the next key as text, whatever it is.
    func insertNextKey() -> UInt8 {
        switch nextKey() {
        case .key(.character(let scalar)): return scalar == "\0" ? UInt8(CC_ERROR) : insert([scalar])
        case .key(.sequence(let bytes)):
            if SequenceMeaning(bytes) == .pasteBegins { return paste() }
            return insert(Array(String(decoding: bytes, as: UTF8.self).unicodeScalars))
        case .notice(.interrupt): return interrupt()
        default: return UInt8(CC_EOF)
        }
    }

    func interrupt() -> UInt8 {
        wasInterrupted = true
        let (cursor, end) = (cursorPosition, endPosition)
        let down = end.row - cursor.row
        write((down > 0 ? "\u{1B}[\(down)B" : "") + "\r" + (end.column > 0 ? "\u{1B}[\(end.column)C" : "") + "^C\r\n")
        return UInt8(CC_NEWLINE)
    }

    /// Stops the program, with those that run beside it where the key was pressed, and draws the line again later.
    func suspend(group: Bool) {
        redstream_el_prepare_terminal(editor, 0)
        write("\u{1B}[?2004l\r\n")
        keys.stopProgram(group: group)
        returnToTerminal()
    }

    /// Takes the terminal as it is now, and draws the line where the cursor is.
    private func returnToTerminal() {
        redstream_el_prepare_terminal(editor, 0)
        redstream_el_prepare_terminal(editor, 1)
        el_resize(editor)
        write("\u{1B}[?2004h\r\u{1B}[J")
        redstream_el_refresh(editor)
    }

    /// Takes pasted text, which a terminal encloses in marks: line feeds in it are text, and run nothing.
    func paste() -> UInt8 {
        let paste = keys.pasted(after: pasteStart)
        pasteStart = []
        // Until the mark at its end comes, the rest may: only Ctrl-C and Ctrl-D lead out.
        hasOpenPaste = paste.end == .silence
        switch paste.end {
        case .interrupted, .key(3): typed.append("\u{3}")
        case .key where paste.text.isEmpty && line.text.isEmpty: typed.append("\u{4}")
        default: break
        }
        // The window may have changed its size meanwhile.
        el_resize(editor)
        let safe = paste.text.filter { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" || $0 == "\t" }
        return safe.isEmpty ? UInt8(CC_NORM) : insert(safe)
    }

    private func insert(_ scalars: [Unicode.Scalar]) -> UInt8 {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        guard el_insertstr(editor, String(text)) == 0 else { return UInt8(CC_ERROR) }
        return UInt8(CC_REFRESH)
    }
}
