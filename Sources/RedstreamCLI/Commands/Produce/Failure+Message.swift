import LineEditing
import Redstream

extension Failure {
    /// Creates the failure for a message that cannot be written.
    ///
    /// A line is not shown, since payloads do not belong in logs. An argument is: whoever reads this has typed it.
    ///
    /// - Parameters:
    ///   - place: The place of the message in the input: `line 3`, `argument 1`.
    ///   - error: The reason.
    ///   - argument: The message, if it is an argument.
    init(message place: String, _ error: any Error, argument: String? = nil) {
        guard let error = error as? JSONTextError else {
            self.init(.badData, "\(place) is invalid: \(error)", hint: (error as? InvisibleText)?.hintForID)
            return
        }
        let shown = argument.map { " (\(Self.excerpt($0)))" } ?? ""
        self.init(.badData, "\(place) is not JSON\(shown): \(error)")
        guard let argument, error.reason != .empty, Self.looksLikeText(argument) else { return }
        let string = JSONValue.string(argument).text
        hint = "write \(ShellText.quoted(string)) for a JSON string, or use --ids for the ids of records"
    }

    private static func excerpt(_ text: String) -> String {
        ScreenText.width(of: text) > 30 ? "\"\(ScreenText.prefix(of: text, width: 30))…\"" : "\"\(text)\""
    }

    /// Returns whether a text was not even begun as JSON, and is short enough to be written anew.
    private static func looksLikeText(_ text: String) -> Bool {
        guard text.utf8.count <= 60, let first = text.unicodeScalars.first else { return false }
        return !"[{\"".unicodeScalars.contains(first)
    }
}
