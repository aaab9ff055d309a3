import RedstreamSystem

/// A user and a password, as AUTH takes them.
struct Credentials: Sendable, Equatable {
    let username: String?
    let password: Secret

    func append(to pipeline: inout RedisPipeline) {
        let user: [any RedisArgument] = username.map { [$0] } ?? []
        pipeline.append(["AUTH"] + user + [password.revealed])
    }
}

/// Authenticates with the password of a configuration, and with a newer one from its source if the server refuses it.
struct Login {
    let configuration: RedisConfiguration
    /// The server, for errors.
    let address: String
    let deadline: Deadline
    let interrupter: Interrupter

    /// Runs `body` with the credentials, and once more if it is refused and there are newer ones.
    ///
    /// - Parameter body: Authenticates, and does more; it is given nil if nobody is to be authenticated.
    /// - Returns: The result of `body`.
    /// - Throws: ``RedisError``: that of `body`; `connectFailed` if the password cannot be read; `cancelled`.
    func perform<Value>(
        _ body: (Credentials?) throws(RedisError) -> Value
    ) throws(RedisError) -> Value {
        let source = configuration.passwordSource
        let first = try source.map { source throws(RedisError) in try password(from: source) } ?? configuration.password
        do throws(RedisError) {
            return try body(credentials(first))
        } catch {
            guard Self.isRefusal(error),
                let newer = source?.password(insteadOf: first, by: deadline, interrupter: interrupter)
            else { throw error }
            return try body(credentials(newer))
        }
    }

    /// Returns true if a server has refused a password, or wants one.
    static func isRefusal(_ error: RedisError) -> Bool {
        error.serverCode == .wrongPassword || error.serverCode == .noPassword
    }

    private func password(from source: PasswordSource) throws(RedisError) -> Secret? {
        let reason: String
        do {
            if let password = try source.password(by: deadline, interrupter: interrupter) { return password }
            if interrupter.wasInterrupted { throw RedisError(.cancelled, address: address, cause: .cancelled) }
            reason = "it takes too long"
        } catch let error as RedisError {
            throw error
        } catch let error as SystemError {
            throw RedisError(error, connectingTo: address)
        } catch {
            reason = "\(error)"
        }
        throw RedisError(
            .connectFailed, address: address, cause: .passwordUnreadable(source: source.name, reason: reason))
    }

    /// The credentials with a password; a user without one is sent with an empty one, as ACL's `nopass` allows.
    private func credentials(_ password: Secret?) -> Credentials? {
        guard configuration.username != nil || password != nil else { return nil }
        return Credentials(username: configuration.username, password: password ?? Secret(""))
    }
}
