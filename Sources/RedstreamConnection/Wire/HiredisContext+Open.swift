extension HiredisContext {
    /// Opens a connection that is ready for commands: the only place that does.
    ///
    /// - Parameters:
    ///   - endpoint: The server.
    ///   - configuration: The user, the database, and what TLS needs.
    ///   - name: The name that CLIENT LIST shows.
    ///   - deadline: The end of opening it: resolution of the name, TLS and handshake included.
    ///   - interrupter: Ends the connection, and the opening of it, from any thread.
    /// - Returns: The connection.
    /// - Throws: ``RedisError``, as `RedisConnection.connect` does.
    static func open(
        _ endpoint: Endpoint, _ configuration: RedisConfiguration, name: String, by deadline: Deadline,
        interrupter: Interrupter
    ) throws(RedisError) -> HiredisContext {
        let context = try HiredisContext(
            connectingTo: endpoint, configuration, by: deadline, interrupter: interrupter)
        try Handshake(configuration: configuration, name: name)
            .perform(on: context, by: deadline, interrupter: interrupter)
        return context
    }
}
