import Synchronization

/// Which services of a client miss their server at the moment.
final class Outages: Sendable {
    private let missing = Mutex<Set<ObjectIdentifier>>([])

    /// Notes that a service misses its server; true for the first.
    func began(for service: ObjectIdentifier) -> Bool {
        missing.withLock { missing in
            defer { missing.insert(service) }
            return missing.isEmpty
        }
    }

    /// Notes that a service misses its server no more; true for the last.
    func ended(for service: ObjectIdentifier) -> Bool {
        missing.withLock { missing in missing.remove(service) != nil && missing.isEmpty }
    }
}
