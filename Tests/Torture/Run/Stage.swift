import Redstream
import RedstreamConnection
import TestSupport

/// All processes of a run: it brings them on, waits until they are at work, and lets them end.
struct Stage: Sendable {
    /// The longest time until everybody is at work again after a storm.
    private static let settleLimit = Duration.seconds(40)
    /// The longest time without progress at the end while something is left to do.
    private static let drainLimit = Duration.seconds(60)

    let instances: [Instance]
    /// By the name of a place.
    let weathers: [String: Weather]
    private let feeders: [Feeder]
    private let cast: Cast
    private let journal: Journal
    private let deployment: any Deployment
    private let keys = Keyspace(namespace: Cast.namespace)

    init(_ cast: Cast, journal: Journal, deployment: any Deployment, rate: Double) throws {
        self.cast = cast
        self.journal = journal
        self.deployment = deployment
        var instances: [Instance] = []
        var feeders: [Feeder] = []
        var weathers: [String: Weather] = [:]
        for role in cast.roles {
            for number in 0..<role.instances {
                let weather = Weather()
                let feeder = Feeder(role, rate: rate)
                let instance = try Instance(
                    role, number: number, journal: journal, deployment: deployment, weather: weather, feeder: feeder)
                instances.append(instance)
                weathers[instance.placeName] = weather
                if let feeder { feeders.append(feeder) }
            }
        }
        (self.instances, self.feeders, self.weathers) = (instances, feeders, weathers)
    }

    /// All messages, in the order of each producer.
    var produced: [History.Produced] { feeders.flatMap(\.messages) }
    var acknowledgedCount: Int { feeders.reduce(0) { $0 + $1.acknowledgedCount } }

    /// The delayers that run now.
    var delayerProcessIDs: [Int32] {
        instances.filter { if case .delay = $0.role.work { true } else { false } }.compactMap(\.livingProcessID)
    }

    /// Runs all processes around `body`, then lets them finish their work and ends them.
    func perform(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            // A consumer leaves its offset before it reads; from then on its entries are spared by trimmers.
            for instance in instances where instance.isConsumer { group.addTask { try await instance.run() } }
            try await eventually("every consumer has an offset", within: .seconds(60)) { try await haveOffsets() }
            for instance in instances where !instance.isConsumer { group.addTask { try await instance.run() } }
            try await body()
            try await drain()
            for instance in instances { instance.stop() }
            try await group.waitForAll()
        }
        try await checkForLeaks()
    }

    private func haveOffsets() async throws -> Bool {
        let connection = try await deployment.connect()
        defer { connection.close() }
        for consumer in cast.consumers where try await connection.call("GET", keys.offset(consumer)).isNull {
            return false
        }
        return true
    }

    /// Waits until every process runs, and every lock is held by one and waited for by the others.
    ///
    /// That they come to that is an invariant, and noted where it does not hold.
    ///
    /// - Returns: What is missing then.
    /// - Throws: What keeps it from looking.
    @discardableResult
    func settle() async throws -> String? {
        try await deployment.recover()
        var missing = ""
        do {
            try await eventually("all are at work", within: Self.settleLimit) {
                missing = try await unsettled() ?? ""
                return missing.isEmpty
            }
            return nil
        } catch is NotInTime {
            journal.observed(.recovery, "not in order \(Self.settleLimit.milliseconds) ms after a storm: \(missing)")
            return missing
        }
    }

    /// Returns the first thing that is not in order; nil if all is.
    private func unsettled() async throws -> String? {
        for instance in instances where instance.livingProcessID == nil { return "\(instance.placeName) does not run" }
        guard let connection = try? await deployment.connect() else { return "the server does not answer" }
        defer { connection.close() }
        guard let clients = try? await connection.call("CLIENT", "LIST").string else { return "the server failed" }
        let connections = clients.split(separator: "\n")
        let waiting = connections.filter { $0.contains("cmd=brpop") }
        for role in cast.roles {
            let places = instances.filter { $0.role == role }
            for lock in role.locks {
                let holder = (try? await connection.call("GET", lock.name(in: keys).key))?.string ?? ""
                let processID = Authorship.processID(of: holder)
                guard places.contains(where: { $0.livingProcessID == processID }) else {
                    return "\(lock) is held by nobody alive (\(holder))"
                }
                guard connections.contains(where: { $0.contains("name=\(lock.workerName) ") }) else {
                    return "\(lock) has no connection"
                }
                let standbys = waiting.filter { $0.contains("name=\(lock.standbyName) ") }.count
                if standbys < role.instances - 1 { return "\(standbys) stand by for \(lock)" }
            }
        }
        return nil
    }

    /// Lets producers acknowledge all that they were given, delayers move all and consumers commit all.
    ///
    /// However long that takes on this machine: it only must not stand still.
    private func drain() async throws {
        for feeder in feeders { feeder.end() }
        var missing: String?
        repeat {
            let before = missing
            do {
                try await eventually("work goes on", within: Self.drainLimit) {
                    missing = try await undone()
                    return missing != before || missing == nil
                }
            } catch is NotInTime {
                return journal.observed(
                    .recovery, "nothing was done for \(Self.drainLimit.milliseconds) ms: \(missing ?? "")")
            }
        } while missing != nil
    }

    private func undone() async throws -> String? {
        if let feeder = feeders.first(where: { !$0.isDone }) {
            return "\(feeder.messages.count - feeder.acknowledgedCount) messages are not acknowledged"
        }
        guard let connection = try? await deployment.connect() else { return "the server does not answer" }
        defer { connection.close() }
        do {
            return try await undone(on: connection)
        } catch let error as RedisError {
            // A node that another has just replaced sends its clients there.
            return "\(error)"
        }
    }

    private func undone(on connection: RedisConnection) async throws -> String? {
        for stream in cast.streams {
            let delayed = try await connection.call("XLEN", keys.delayStream(stream)).integer ?? 0
            if delayed > 0 { return "\(delayed) delay messages of \(stream) are not moved" }
        }
        for consumer in cast.consumers {
            let last = try await lastID(of: consumer.stream, on: connection)
            let offset = try await connection.call("GET", keys.offset(consumer)).string ?? "nothing"
            if offset != last { return "\(consumer.name) of \(consumer.stream) has committed \(offset) of \(last)" }
        }
        return nil
    }

    private func lastID(of stream: String, on connection: RedisConnection) async throws -> String {
        let words = try await connection.call("XINFO", "STREAM", keys.stream(stream)).elements.map { $0.string ?? "" }
        guard let place = words.firstIndex(of: "last-generated-id"), words.count > place + 1 else { return "" }
        return words[place + 1]
    }

    /// Looks for keys and connections that nobody needs any more.
    private func checkForLeaks() async throws {
        for connection in try await deployment.connections() {
            defer { connection.close() }
            try await checkForLeaks(on: connection)
        }
    }

    private func checkForLeaks(on connection: RedisConnection) async throws {
        var cursor = "0"
        let known = knownKeys
        repeat {
            let parts = try await connection.call("SCAN", cursor, "COUNT", 1000).elements
            cursor = parts[0].string ?? "0"
            for key in parts[1].elements.compactMap(\.string) where !known.contains(key) {
                journal.observed(.tidiness, "the key \(key) is left")
            }
        } while cursor != "0"
        var left: [String] = []
        do {
            try await eventually("all connections are closed", within: .seconds(5)) {
                let clients = try await connection.call("CLIENT", "LIST", "TYPE", "normal").string ?? ""
                left = clients.split(separator: "\n").map(String.init).filter { $0.contains("name=redstream") }
                return left.isEmpty
            }
        } catch is NotInTime {
            for client in left { journal.observed(.tidiness, "a connection is left: \(client)") }
        }
    }

    /// The keys that may outlive all processes.
    private var knownKeys: Set<String> {
        var known: Set<RedisKey> = [keys.streamNames, keys.scanRecord, keys.scanLock.notifyKey]
        for stream in cast.streams {
            known.formUnion([stream, Keyspace.delayStreamName(of: stream)].map(keys.consumers))
            known.formUnion([
                keys.stream(stream), keys.delayStream(stream), keys.delay(stream), keys.trimMark(stream),
                keys.offset(.delayer(of: stream)),
            ])
            // Notifications go by themselves, a minute after a release.
            known.formUnion([Lock.delayer(of: stream), .trimmer(of: stream)].map { $0.name(in: keys).notifyKey })
        }
        for consumer in cast.consumers {
            known.formUnion([keys.offset(consumer), keys.deadLetters(consumer), keys.lock(consumer).notifyKey])
        }
        return Set(known.map(\.description))
    }
}

extension Instance {
    fileprivate var isConsumer: Bool {
        if case .consume = role.work { true } else { false }
    }
}

extension Lock {
    /// The name of a connection that works under it.
    fileprivate var workerName: String {
        switch self {
        case .consumer(let consumer): "redstream:consumer:\(consumer.stream):\(consumer.name)"
        case .delayer(let stream): "redstream:delayer:\(stream)"
        case .trimmer: "redstream"
        }
    }

    /// The name of a connection that waits for it.
    fileprivate var standbyName: String {
        switch self {
        case .consumer(let consumer): "redstream:standby:\(consumer.stream):\(consumer.name)"
        case .delayer(let stream): "redstream:standby:\(stream).delay:delayer"
        case .trimmer(let stream): "redstream:standby:\(stream):trimmer"
        }
    }
}
