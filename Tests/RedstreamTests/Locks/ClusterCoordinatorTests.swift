import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// Work on streams that lie on several nodes of a cluster.
@Suite(.timeLimit(.minutes(2))) struct ClusterCoordinatorTests {
    /// The names of streams, one on each primary.
    private func streams(of cluster: RedisCluster) async throws -> [String] {
        var names: [ObjectIdentifier: String] = [:]
        while names.count < cluster.primaryCount {
            let name = RedisCluster.uniqueTag()
            names[ObjectIdentifier(try await cluster.owner(of: Keyspace().stream(name)))] = name
        }
        return Array(names.values)
    }

    /// A delayer of all streams.
    private func fleet(_ title: String, on cluster: RedisCluster, _ streams: [String]) -> ShardedDelayer {
        let client = StreamClient(cluster.configuration())
        let delayers = streams.map { Delayer(client, stream: $0, delay: .seconds(60)) }
        return ShardedDelayer(client, title: title, delayers: delayers, maximumActive: nil)
    }

    /// Returns the clients that hold the locks of streams, by the nodes that have them.
    private func holders(on cluster: RedisCluster, _ places: [(stream: String, node: RedisServer)]) async throws
        -> [String?]
    {
        var holders: [String?] = []
        for (stream, node) in places {
            let holder = try await cluster.call(node, "GET", Keyspace().lock(.delayer(of: stream)).key).string
            holders.append(holder.map { String($0.prefix(8)) })
        }
        return holders
    }

    /// The node of each stream.
    private func places(of streams: [String], on cluster: RedisCluster) async throws
        -> [(stream: String, node: RedisServer)]
    {
        var places: [(String, RedisServer)] = []
        for stream in streams { places.append((stream, try await cluster.owner(of: Keyspace().stream(stream)))) }
        return places
    }

    /// Returns true if all are held, by one that is not the one of before.
    private func areAllHeld(_ holders: [String?], byAnotherThan former: String? = nil) -> Bool {
        !holders.contains(nil) && !holders.contains(former) && Set(holders).count == 1
    }

    @Test func aNodeThatIsAwayKeepsNobodyFromTheLocksOfTheOthers() async throws {
        try await RedisCluster.with { cluster in
            let streams = try await streams(of: cluster)
            let places = try await places(of: streams, on: cluster)
            let (dead, rest) = (places[0].node, Array(places.dropFirst()))
            try await withRunning(fleet("all", on: cluster, streams)) { first in
                try await eventually("one holds all") { areAllHeld(try await holders(on: cluster, places)) }
                let holder = try await holders(on: cluster, rest)[0]
                // It takes connections still, and says nothing.
                dead.pause()
                defer { dead.resume() }
                // It begins with a node that is away, and waits for the locks of the others.
                try await withRunning(fleet("all", on: cluster, streams)) { _ in
                    try await eventually("the other waits at the nodes that live") {
                        var count = 0
                        for (_, node) in rest {
                            let clients = try await cluster.call(node, "CLIENT", "LIST").string ?? ""
                            count += clients.split(separator: "\n").count { $0.contains("cmd=brpop") }
                        }
                        return count == rest.count
                    }
                    first.requestStop()
                    try await eventually("the other holds what is to be had") {
                        areAllHeld(try await holders(on: cluster, rest), byAnotherThan: holder)
                    }
                    for (stream, node) in rest {
                        let due = Keyspace().delayStream(stream)
                        try await cluster.call(node, "XADD", due, "1-0", "payload", "1")
                        try await eventually("the other works on \(stream)") {
                            try await cluster.call(node, "XLEN", due).integer == 0
                        }
                    }
                }
            }
        }
    }

    @Test func locksOnSeveralNodesAreWaitedForSideBySide() async throws {
        let cluster = try await RedisCluster.shared
        let streams = try await streams(of: cluster)
        let title = RedisCluster.uniqueTag()
        func waiters() async throws -> Int {
            var count = 0
            for node in cluster.nodes {
                let clients = try await cluster.call(node, "CLIENT", "LIST").string ?? ""
                count += clients.split(separator: "\n").count {
                    $0.contains("name=redstream:standby:\(title).delay:delayer ") && $0.contains("cmd=brpop")
                }
            }
            return count
        }
        try await withRunning(fleet(title, on: cluster, streams)) { first in
            let places = try await places(of: streams, on: cluster)
            try await eventually("one holds all") { areAllHeld(try await holders(on: cluster, places)) }
            let holder = try await holders(on: cluster, places)[0]
            try await withRunning(fleet(title, on: cluster, streams)) { _ in
                try await eventually("the other waits at every node") { try await waiters() == streams.count }
                first.requestStop()
                try await eventually("the other holds all") {
                    areAllHeld(try await holders(on: cluster, places), byAnotherThan: holder)
                }
            }
        }
        for stream in streams {
            let slot = ClusterSlot(of: Keyspace().stream(stream)).number
            let key = Keyspace().stream(stream)
            for found in try await cluster.redis(for: key, "CLUSTER", "GETKEYSINSLOT", slot, 100).elements {
                try await cluster.redis(for: key, "UNLINK", found.string ?? "")
            }
        }
    }

    @Test func aBlockingProducerWritesToStreamsOfSeveralNodes() async throws {
        let cluster = try await RedisCluster.shared
        let streams = try await streams(of: cluster)
        let client = StreamClient(cluster.configuration())
        let producer = BlockingProducer(Producer(client))
        for stream in streams {
            try producer.append([OutgoingMessage(payload: "1".utf8)], to: stream, .stream, within: .seconds(20))
            let key = Keyspace().stream(stream)
            #expect(try await cluster.redis(for: key, "XLEN", key).integer == 1)
            try await cluster.redis(for: key, "UNLINK", key)
        }
        #expect(throws: RedstreamError.splitKeys(SplitKeys(stream: "products", suggestion: "{products}"))) {
            try producer.append([OutgoingMessage(payload: "1".utf8)], to: "products", .stream, within: .seconds(20))
        }
    }
}
