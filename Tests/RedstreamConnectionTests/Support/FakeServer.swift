import RedstreamConnection
import RedstreamSystem
import TestSupport

/// A socket that answers what a test tells it to, byte by byte: for replies that no server can be made to send.
final class FakeServer: Sendable {
    let configuration: RedisConfiguration
    /// Its port; 0 where it listens on a socket.
    let port: Int
    private let directory: TemporaryDirectory?
    private let listener: Int32

    /// Listens on a socket of its own; each connection is served by `serve` on a thread of its own.
    convenience init(_ serve: @escaping @Sendable (Peer) -> Void) throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/fake"
        try self.init(UnixSocket.listen(at: path), .unix(path: path), directory, port: 0, serve)
    }

    /// Listens on a free port of 127.0.0.1.
    static func onPort(_ serve: @escaping @Sendable (Peer) -> Void) throws -> FakeServer {
        let (listener, port) = try LoopbackSocket.listen()
        return try FakeServer(listener, .tcp(host: "127.0.0.1", port: port), nil, port: port, serve)
    }

    private init(
        _ listener: Int32, _ address: RedisConfiguration.Address, _ directory: TemporaryDirectory?, port: Int,
        _ serve: @escaping @Sendable (Peer) -> Void
    ) throws {
        self.port = port
        self.listener = listener
        self.directory = directory
        configuration = RedisConfiguration(
            address: address, connectTimeout: .seconds(20), commandTimeout: .seconds(20))
        try startThread {
            // Nobody else closes it: accept would go on with another file of that number.
            defer { close(listener) }
            while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
                try? startThread {
                    serve(Peer(descriptor: descriptor))
                    close(descriptor)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// The server's end of one connection; its calls block.
    struct Peer: Sendable {
        let descriptor: Int32

        /// Reads what has come; empty at the end.
        func read() -> [UInt8] {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            return count > 0 ? Array(buffer[..<count]) : []
        }

        func write(_ bytes: some Sequence<UInt8>) {
            var rest = Array(bytes)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }

        /// Answers what a client says first.
        func shakeHands(version: String = "7.0.15") {
            var heard = ""
            while !heard.contains("server\r\n") {
                let bytes = read()
                if bytes.isEmpty { return }
                heard += String(decoding: bytes, as: UTF8.self)
            }
            let info = "# Server\r\nredis_version:\(version)\r\nredis_mode:standalone\r\n"
            write("+OK\r\n$\(info.utf8.count)\r\n\(info)\r\n".utf8)
        }

        /// Waits until the client has taken all that was written, so that the next bytes come alone.
        func waitUntilTaken() {
            #if canImport(Glibc)
            var left: Int32 = 1
            // SIOCOUTQ: what the other end of the socket has not read.
            while left > 0, ioctl(descriptor, 0x5411, &left) == 0 { usleep(20) }
            #else
            usleep(500)
            #endif
        }
    }
}
