import Foundation
import RedstreamConnection
import Testing

@testable import Redstream

@Suite struct ShardingTests {
    /// Returns the shards that users of the Ruby gem compute, made with Ruby.
    private static func facts() throws -> (counts: [Int], rows: [(id: String, shards: [Int])]) {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "shards.tsv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        let counts = lines[0].dropFirst().compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        return (counts, lines.dropFirst().map { ($0[0], $0.dropFirst().compactMap { Int($0) }) })
    }

    @Test func placesEveryRecordWhereTheGemsUsersDo() throws {
        let (counts, rows) = try Self.facts()
        #expect(counts == [2, 3, 4, 7, 16, 1000])
        #expect(rows.count == 65)
        for (id, shards) in rows {
            #expect(counts.map { Sharding(count: $0).shard(of: id) } == shards, "\(id)")
        }
    }

    @Test func namesTheShardsOfAStreamByTheirNumbers() {
        let shards = Sharding(count: 3)
        #expect(shards.streams(of: "products") == ["products-0", "products-1", "products-2"])
        #expect(shards.stream("products", id: "2") == "products-2")
        #expect(shards.stream("products", shard: 1) == "products-1")
    }

    @Test func oneShardTakesEverything() {
        #expect(Set((0..<100).map { Sharding(count: 1).shard(of: String($0)) }) == [0])
    }

    @Test func theLargestCountHasAPlaceForEveryHash() {
        let shards = Sharding(count: Sharding.maximumCount)
        #expect(shards.shard(of: "0") == 0xb658)
    }

    /// Hashes published with the standard, and lengths at which the padding needs a block of its own.
    @Test(arguments: [
        ("", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            1,
            "a49b2446a02c645bf419f995b67091253a04a259"
        ),
        ("a", 1_000_000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        ("x", 55, "cef734ba81a024479e09eb5a75b6ddae62e6abf1"),
        ("x", 56, "901305367c259952f4e7af8323f480d59f81335b"),
        ("x", 63, "0ddc4e0cccd9a12850deb5abb0853a4425559fec"),
        ("x", 64, "bb2fa3ee7afb9f54c6dfb5d021f14b1ffe40c163"),
        ("x", 65, "78c741ddc482e4cdf8c474a0876347a0905b6233"),
    ])
    func hashesAsTheStandardSays(_ text: String, times: Int, _ hash: String) {
        #expect(SHA1.hexadecimal(of: String(repeating: text, count: times)) == hash)
    }
}
