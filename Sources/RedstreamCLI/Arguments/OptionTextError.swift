/// Says why the text of an option means nothing, in a clause that follows the text and a colon.
///
/// It is thrown from the transform of an option, and the argument parser shows it behind the value and the
/// flag: `The value '5' is invalid for '--delay <delay>': it has no unit: write 5s, 5m or 5h`.
struct OptionTextError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason, and what to write instead.
    let description: String

    /// Creates an error with its clause.
    init(_ description: String) {
        self.description = description
    }
}
