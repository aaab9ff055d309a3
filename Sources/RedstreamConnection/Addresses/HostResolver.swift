import RedstreamSystem
import Synchronization

/// Turns the name of a host into addresses.
///
/// The system's resolver knows no deadline and cannot be interrupted. It runs on a thread of its own, which a caller
/// leaves behind when its time is up. Callers that want the same name at the same time share one thread.
package struct HostResolver: Sendable {
    /// The reason why there is no address.
    package struct Failure: Error {
        let cause: RedisError.Cause

        /// Creates the failure of a name that cannot be resolved; the reason in words.
        package init(_ reason: String) {
            cause = .hostUnresolved(reason)
        }

        /// Creates the failure of a system that has no means to look a name up.
        init(_ error: SystemError) {
            cause = .init(error)
        }
    }

    package typealias Outcome = Result<[SocketAddress], Failure>

    private static let flights = Mutex<[String: SingleFlight<Outcome>]>([:])

    private let name: String
    private let lookUp: @Sendable (_ host: String, _ port: Int) -> Outcome

    /// Creates a resolver.
    ///
    /// - Parameters:
    ///   - name: A name that no other resolver has.
    ///   - lookUp: Returns the addresses of a host and port, the best one first; it may block.
    package init(_ name: String, lookUp: @escaping @Sendable (_ host: String, _ port: Int) -> Outcome) {
        self.name = name
        self.lookUp = lookUp
    }

    /// The system's resolver.
    package static let system = HostResolver("system") { host, port in Self.addresses(of: host, port: port) }

    /// Looks up the addresses of a host; an IP address in digits needs none.
    ///
    /// - Parameters:
    ///   - host: The name, or an IP address, and the port that the addresses are given.
    ///   - deadline: The end of the wait.
    ///   - interrupter: Ends the wait early.
    /// - Returns: The addresses, the best one first; nil if the wait ended before there were any.
    /// - Throws: ``Failure``.
    func addresses(
        of host: RedisConfiguration.Host, by deadline: Deadline, interrupter: Interrupter
    ) throws(Failure) -> [SocketAddress]? {
        if let address = SocketAddress(ip: host.name, port: host.port) { return [address] }
        let key = "\(name) \(host)"
        let flight = Self.flights.withLock { flights in
            let flight = flights[key] ?? SingleFlight()
            flights[key] = flight
            return flight
        }
        let outcome: Outcome?
        do throws(SystemError) {
            outcome = try flight.value(by: deadline, interrupter: interrupter) { [lookUp] in
                defer { Self.flights.withLock { $0[key] = nil } }
                return lookUp(host.name, host.port)
            }
        } catch {
            throw Failure(error)
        }
        return try outcome?.get()
    }

    private static func addresses(of host: String, port: Int) -> Outcome {
        do throws(Failure) {
            return .success(try SocketAddress.lookUp(host, port: port, flags: 0))
        } catch {
            return .failure(error)
        }
    }
}

extension HostResolver: Equatable {
    package static func == (one: HostResolver, other: HostResolver) -> Bool { one.name == other.name }
}

extension SocketAddress {
    /// Reads an IP address in digits; nil for anything else.
    package init?(ip: String, port: Int) {
        guard let address = try? Self.lookUp(ip, port: port, flags: AI_NUMERICHOST).first else { return nil }
        self = address
    }

    /// Asks the system for the addresses of a host.
    fileprivate static func lookUp(
        _ host: String, port: Int, flags: Int32
    ) throws(HostResolver.Failure) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_flags = flags | AI_NUMERICSERV
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Descriptor.streamSocket
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &list)
        guard status == 0 else {
            let reason = status == EAI_SYSTEM ? SystemError.text(of: errno) : String(cString: gai_strerror(status))
            throw HostResolver.Failure(reason)
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr { addresses.append(SocketAddress(address, length: entry.ai_addrlen)) }
            next = entry.ai_next
        }
        return addresses
    }
}
