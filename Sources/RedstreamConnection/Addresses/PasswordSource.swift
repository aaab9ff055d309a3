import Synchronization

/// A password that may change while a program runs, such as one in a file that is replaced from time to time.
///
/// It is read when the first connection is opened, and again when a server refuses it. Connections that are open stay open.
///
/// ```swift
/// var configuration = RedisConfiguration()
/// configuration.passwordSource = PasswordSource("the vault") { Secret(try vault.password(of: "redis")) }
/// ```
public final class PasswordSource: Sendable {
    /// The name of the source, for error messages.
    public let name: String
    private let read: @Sendable () throws -> Secret
    private let current: Mutex<Secret?>
    private let reading = SingleFlight<Result<Secret, any Error>>()

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - name: The name of the source, for error messages.
    ///   - initial: The password, if it was read already.
    ///   - read: Returns the password as it is now. It runs on a thread of its own, where it may block. If it throws, the
    ///     password that was read before is kept.
    public init(_ name: String, initial: Secret? = nil, read: @escaping @Sendable () throws -> Secret) {
        self.name = name
        self.read = read
        current = Mutex(initial)
    }

    /// Returns the password; nil if the time was up first.
    ///
    /// - Throws: What reading it threw.
    func password(by deadline: Deadline, interrupter: Interrupter) throws -> Secret? {
        if let known = current.withLock({ $0 }) { return known }
        return try readAgain(by: deadline, interrupter: interrupter)
    }

    /// Returns a password that is newer than one that a server has refused; nil if there is none.
    func password(insteadOf refused: Secret?, by deadline: Deadline, interrupter: Interrupter) -> Secret? {
        // Another connection may have read it already.
        if let known = current.withLock({ $0 }), known != refused { return known }
        let new = try? readAgain(by: deadline, interrupter: interrupter)
        return new == refused ? nil : new
    }

    private func readAgain(by deadline: Deadline, interrupter: Interrupter) throws -> Secret? {
        let outcome = try reading.value(by: deadline, interrupter: interrupter) { [read] in Result { try read() } }
        guard let password = try outcome?.get() else { return nil }
        current.withLock { $0 = password }
        return password
    }
}

extension PasswordSource: Equatable {
    /// Returns true if both are the same source.
    public static func == (one: PasswordSource, other: PasswordSource) -> Bool { one === other }
}
