@testable import Redstream
@testable import RedstreamCLI

extension FuzzTarget {
    /// Names of streams and consumers, which may be any bytes.
    static let names = FuzzTarget(name: "names") { input in
        let bytes = input.array
        let text = NameText.text(ofBytes: bytes)
        require(NameText.bytes(of: text) == bytes, "a name is read back")
        require(NameText.canonical(text).isSame(as: text), "a name has one text")
        let shown = NameText.shown(text)
        require(TerminalText.escaped(shown).isSame(as: shown), "a name commands no terminal")
        require((try? NameText.parsed(shown))?.isSame(as: text) == true, "what is shown is taken back")
        require((try? NameText.parsed(NameText.typed(text)))?.isSame(as: text) == true, "what is typed is taken")
    }
}
