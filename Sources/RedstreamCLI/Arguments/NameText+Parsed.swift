import Redstream

extension NameText {
    /// Takes a name as it is typed.
    ///
    /// - Throws: ``OptionTextError`` for one that begins or ends with what nobody can see: it was copied along.
    static func parsed(_ text: String) throws(OptionTextError) -> String {
        if let problem = InvisibleText.atEnds(of: text), isRefused(problem.scalar) {
            let escape = escaped(String(problem.scalar))
            throw OptionTextError("\(problem): if the name really has it, write \(escape) in its place")
        }
        return canonical(text)
    }

    /// Takes names separated by commas.
    static func parsedList(_ text: String) throws(OptionTextError) -> [String] {
        try text.unicodeScalars.split(separator: ",").map { name throws(OptionTextError) in try parsed(String(name)) }
    }
}
