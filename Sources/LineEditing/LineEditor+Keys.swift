import CEditline

// What libedit calls: numbers are its CC_… codes.
extension LineEditor {
    /// A key of no keyboard, which stands for Escape alone where vi's keys are chosen.
    private static let escape: Unicode.Scalar = "\u{9C}"

    /// Binds the keys, the user's own file in between; returns whether that has chosen vi's.
    func bindKeys() -> Bool {
        redstream_el_set_keys(editor, "emacs")
        redstream_el_bind(editor, "^R", "em-inc-search-prev")
        // What the file named by EDITRC, or ~/.editrc, says about these keys wins, but for those that must work.
        el_source(editor, nil)
        let isVi = redstream_el_keys(editor).map { String(cString: $0) } == "vi"
        redstream_el_take_signal_keys(editor)
        addFunctions()
        for (key, function) in [
            ("^C", "redstream-interrupt"), ("^Z", "redstream-suspend"), ("\\e[200~", "redstream-paste"),
        ] {
            redstream_el_bind(editor, key, function)
            if isVi { redstream_el_bind_alternate(editor, key, function) }
        }
        redstream_el_bind(editor, "^I", "redstream-complete")
        if isVi {
            redstream_el_bind(editor, "^R", "em-inc-search-prev")
            redstream_el_bind(editor, "\\234", "vi-command-mode")
            redstream_el_bind_alternate(editor, "\\234", "vi-command-mode")
        }
        return isVi
    }

    private func addFunctions() {
        redstream_el_add_function(editor, "redstream-complete", "complete the word") { editor, _ in
            LineEditor.of(editor)?.complete() ?? 0
        }
        redstream_el_add_function(editor, "redstream-interrupt", "forget the line") { editor, _ in
            LineEditor.of(editor)?.interrupt() ?? 0
        }
        redstream_el_add_function(editor, "redstream-suspend", "stop the program") { editor, _ in
            LineEditor.of(editor)?.suspend(group: true)
            return UInt8(CC_NORM)
        }
        redstream_el_add_function(editor, "redstream-paste", "take text as it is") { editor, _ in
            LineEditor.of(editor)?.paste() ?? 0
        }
    }

    /// Hands the next key to libedit; what is no key is dealt with meanwhile.
    func readKey(_ key: UnsafeMutablePointer<wchar_t>?) -> Int32 {
        while true {
            if !keys.hasInput {
                isTypedAhead = false
                showHint()
            }
            let event = keys.next()
            hideHint()
            switch event {
            case .character(let scalar):
                key?.pointee = wchar_t(truncatingIfNeeded: meaning(of: scalar).value)
                return 1
            case .interrupted:
                key?.pointee = 3
                return 1
            case .ended: return 0
            case .redraw: continue
            case .suspended: suspend(group: false)
            case .resumed: returnToTerminal()
            case .resized:
                el_resize(editor)
                redraw()
            }
        }
    }

    private func meaning(of scalar: Unicode.Scalar) -> Unicode.Scalar {
        // Ctrl-D that was typed while a command ran: the terminal has made the end of its input of it.
        if scalar == "\0", isTypedAhead { return "\u{4}" }
        // Keys such as the arrows begin with an Escape too. libedit would wait for what follows, and swallow it.
        if scalar == "\u{1B}", hasViKeys, !keys.isFollowed(by: ["[", "O"]) { return Self.escape }
        return scalar
    }

    private func interrupt() -> UInt8 {
        wasInterrupted = true
        let (cursor, end) = (cursorPosition, endPosition)
        let down = end.row - cursor.row
        write((down > 0 ? "\u{1B}[\(down)B" : "") + "\r" + (end.column > 0 ? "\u{1B}[\(end.column)C" : "") + "^C\r\n")
        return UInt8(CC_NEWLINE)
    }

    /// Stops the program, with those that run beside it where the key was pressed, and draws the line again later.
    private func suspend(group: Bool) {
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

    /// Takes what a terminal encloses when text is pasted: line feeds are text then, and run nothing.
    private func paste() -> UInt8 {
        let text = keys.pasted()
        // The window may have changed its size meanwhile.
        el_resize(editor)
        let safe = text.filter { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" || $0 == "\t" }
        guard !safe.isEmpty else { return UInt8(CC_NORM) }
        var pasted = String.UnicodeScalarView()
        pasted.append(contentsOf: safe)
        guard el_insertstr(editor, String(pasted)) == 0 else { return UInt8(CC_ERROR) }
        return UInt8(CC_REFRESH)
    }
}
