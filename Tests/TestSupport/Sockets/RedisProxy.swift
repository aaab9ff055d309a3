package import RedstreamConnection
import RedstreamSystem
import Synchronization

/// Stands between a client and a server, and lets a test act at the moment when certain bytes pass.
///
/// That is how a test steals a lock between a look and an EXEC, or cuts a connection after a command was carried out
/// and before its reply came.
package final class RedisProxy: Sendable {
    /// The traffic of one direction.
    package enum Traffic {
        /// From the client: commands.
        case commands(String)
        /// From the server: replies.
        case replies(String)
    }

    /// The treatment of the traffic.
    package enum Action {
        /// Pass it on.
        case pass
        /// Drop it and end the connection, both ways.
        case cut
        /// Pass on so many bytes, then end the connection, both ways.
        case truncate(Int)
    }

    /// The configuration that reaches the server through the proxy.
    package let configuration: RedisConfiguration
    private let directory: TemporaryDirectory
    private let listener: Int32

    /// Starts a proxy before a server.
    ///
    /// `judge` is called for each chunk of bytes, on a thread on which it may block; nothing more passes on that
    /// connection in that direction before it returns.
    package init(_ server: RedisServer, _ judge: @escaping @Sendable (Traffic) -> Action) throws {
        directory = try TemporaryDirectory()
        let path = "\(directory.path)/proxy"
        let listener = try UnixSocket.listen(at: path)
        self.listener = listener
        var configuration = server.configuration
        configuration.address = .unix(path: path)
        self.configuration = configuration
        let target = server.socketPath
        try startThread {
            // Nobody else closes it: accept would go on with another file of that number.
            defer { close(listener) }
            while case let client = accept(listener, nil, nil), client >= 0 {
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                guard let server = try? UnixSocket.connect(to: target) else {
                    close(client)
                    continue
                }
                let ends = Ends(client: client, server: server)
                try? startThread { pump(client, server, ends) { judge(.commands($0)) } }
                try? startThread { pump(server, client, ends) { judge(.replies($0)) } }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// Both sockets of one connection, closed when neither direction needs them any more.
    fileprivate final class Ends: Sendable {
        let client: Int32
        let server: Int32

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        func cut() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }

        deinit {
            close(client)
            close(server)
        }
    }
}

/// Passes bytes on from one socket to another until either ends, or the judge cuts.
private func pump(
    _ source: Int32, _ target: Int32, _ ends: RedisProxy.Ends, _ judge: (String) -> RedisProxy.Action
) {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    defer { ends.cut() }
    while case let count = recv(source, &buffer, buffer.count, 0), count > 0 {
        let action = judge(String(decoding: buffer[..<count], as: UTF8.self))
        var rest =
            switch action {
            case .pass: buffer[..<count]
            case .cut: buffer[..<0]
            case .truncate(let limit): buffer[..<min(limit, count)]
            }
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
        guard case .pass = action else { return }
    }
}
