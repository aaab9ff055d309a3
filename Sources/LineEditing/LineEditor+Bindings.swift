import CEditline
import RedstreamSystem

// Which keys run which commands.
extension LineEditor {
    /// Binds the keys, the user's own file in between.
    ///
    /// Returns what sequences stand for, and whether the file has chosen vi's keys.
    func bindKeys(terminal: String) -> (bindings: KeyBindings, isVi: Bool) {
        addFunctions()
        redstream_el_set_keys(editor, "emacs")
        bind("^R", to: "em-inc-search-prev")
        bind("^V", to: "redstream-quoted-insert")
        // What the file named by EDITRC, or ~/.editrc, says about these keys wins, but for those that must work.
        // For a pipe, libedit would wait for ever.
        if let file = Self.settingsFile, OpenFile.kind(of: file) == .regular { el_source(editor, nil) }
        let isVi = redstream_el_keys(editor).map { String(cString: $0) } == "vi"
        redstream_el_take_signal_keys(editor)
        let bindings = KeyBindings(listing: listing, terminal: terminal)
        for (command, code) in bindings.code { bind(Self.octal(code), to: command, isVi: isVi) }
        bind("^C", to: "redstream-interrupt", isVi: isVi)
        bind("^Z", to: "redstream-suspend", isVi: isVi)
        bind("^I", to: "redstream-complete")
        if isVi {
            bind("^R", to: "em-inc-search-prev")
            bind("^V", to: "redstream-quoted-insert")
            bind(Self.octal(KeyBindings.escapeCode), to: "vi-command-mode", isVi: true)
            for key in ["/", "?", ":"] { redstream_el_bind_alternate(editor, key, KeyBindings.ask) }
        } else {
            // Ctrl-C leads out of sequences that are typed slowly, too.
            for start in ["\\e", "\\e[", "\\eO", "^X"] { bind(start + "^C", to: "redstream-interrupt") }
        }
        return (bindings, isVi)
    }

    /// The user's file of settings, as libedit finds it.
    private static var settingsFile: String? {
        if let file = getenv("EDITRC") { return String(cString: file) }
        return getenv("HOME").map { String(cString: $0) + "/.editrc" }
    }

    /// Binds a key, for both of vi's modes where they are told.
    private func bind(_ key: String, to command: String, isVi: Bool = false) {
        redstream_el_bind(editor, key, command)
        if isVi { redstream_el_bind_alternate(editor, key, command) }
    }

    private static func octal(_ scalar: Unicode.Scalar) -> String { "\\" + String(scalar.value, radix: 8) }

    /// All bindings, as libedit prints them.
    private var listing: String {
        var text: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let file = open_memstream(&text, &size) else { return "" }
        redstream_el_set_output(editor, file)
        redstream_el_list_bindings(editor)
        redstream_el_set_output(editor, writing)
        fclose(file)
        defer { free(text) }
        return text.map { String(cString: $0) } ?? ""
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
        redstream_el_add_function(editor, KeyBindings.paste, "take text as it is") { editor, _ in
            LineEditor.of(editor)?.paste() ?? 0
        }
        redstream_el_add_function(editor, "redstream-quoted-insert", "take the next key as text") { editor, _ in
            LineEditor.of(editor)?.insertNextKey() ?? 0
        }
        redstream_el_add_function(editor, KeyBindings.ask, "ask for a text") { editor, key in
            LineEditor.of(editor)?.ask(UInt32(exactly: key).flatMap(Unicode.Scalar.init)) ?? 0
        }
    }
}
