/// Holds a password so that it cannot be printed by accident.
public struct Secret: Sendable, Equatable {
    /// The text itself: to be sent to the server and to nothing else.
    public let revealed: String

    /// Wraps a password.
    public init(_ text: String) {
        revealed = text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Three dots, whatever the secret is.
    public var description: String { "•••" }
    /// Three dots, whatever the secret is.
    public var debugDescription: String { description }
    /// Shows nothing to `dump` and to string interpolation of an enclosing value.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
