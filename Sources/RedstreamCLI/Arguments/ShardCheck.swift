import ArgumentParser
import Redstream

/// The checks of options about shards that commands share.
enum ShardCheck {
    /// Refuses a bound that bounds nothing.
    static func maxActive(_ maxActive: Int?, _ shards: Sharding?) throws {
        guard let maxActive else { return }
        if shards == nil { throw ValidationError("--max-active goes with --shards") }
        if maxActive < 1 { throw ValidationError("--max-active is at least 1") }
    }

    /// Refuses shards of no stream in particular.
    static func streamIsNamed(_ streams: [String], _ shards: Sharding?) throws {
        if shards != nil, streams.isEmpty { throw ValidationError("--shards are those of a stream: add --stream") }
    }

    /// Returns a warning if there are more shards than were named, so that the others are left out.
    ///
    /// A server that does not answer, or denies it, is asked for nothing more.
    static func warning(of stream: String, _ shards: Sharding?, _ client: StreamClient) async -> String? {
        guard let shards, shards.count < Sharding.maximumCount else { return nil }
        let next = shards.stream(stream, shard: shards.count)
        guard let last = try? await client.lastID(of: next), last > .zero else { return nil }
        let streams = (try? await client.directory())?.streams ?? [next]
        let count = ShardGuess(of: stream, among: streams)?.count ?? shards.count + 1
        return
            "\(NameText.shown(next)) exists, so \(NameText.shown(stream)) has more than \(shards.count.counted("shard", "shards")): --shards \(count)"
    }

    /// Returns streams in words: `products`, `16 shards of products`.
    static func place(_ streams: [String], _ shards: Sharding?) -> String {
        let names = streams.map(NameText.shown).joined(separator: ", ")
        return shards.map { "\($0.count.counted("shard", "shards")) of \(names)" } ?? names
    }
}

/// Checks of names that all commands share.
enum NameCheck {
    /// Refuses an empty stream or consumer name: its key would be another one's.
    static func notEmpty(_ name: String?, option: String) throws {
        guard name?.isEmpty != true else { throw ValidationError("\(option) is empty: name one") }
    }

    /// Refuses a blank command: /bin/sh would succeed at it, and nothing would be done.
    static func notBlank(_ command: String?, option: String) throws {
        guard command?.trimmingBlanks.isEmpty != true else {
            throw ValidationError("\(option) is empty: name a command")
        }
    }
}

extension Sharding? {
    /// Returns the streams of the shards; without shards, the stream itself.
    func streams(of stream: String) -> [String] { self?.streams(of: stream) ?? [stream] }
}

extension Sharding {
    /// Reads the value of `--shards`.
    ///
    /// - Throws: ``OptionTextError`` for anything but a whole number in bounds.
    init(argument text: String) throws {
        guard let count = Int(text), (1...Self.maximumCount).contains(count) else {
            throw OptionTextError("it is a whole number from 1 to \(Self.maximumCount)")
        }
        self.init(count: count)
    }
}
