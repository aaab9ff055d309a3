package import RedstreamConnection

/// Encoded entries on their way to one stream, or to several, in order.
package struct OutgoingBatch: Sendable {
    /// The most entries in a batch.
    package static let entryLimit = 1000
    /// The most bytes in a batch, unless one entry alone has more.
    package static let byteLimit = 1 << 20

    private var encoder: EntryEncoder
    /// The position at which the command of each entry begins.
    private var starts: [Int] = []
    /// The ids of entries that have one before they are written.
    private var ids: [StreamID] = []
    /// To which stream each entry goes, by its place; empty where there is only one.
    private var targets: [Int32] = []
    private let hasTargets: Bool

    /// Creates an empty batch for the streams with those Redis keys.
    package init(keys: [RedisKey]) {
        encoder = EntryEncoder(keys: keys)
        hasTargets = keys.count > 1
        starts.reserveCapacity(Self.entryLimit)
    }

    /// The number of entries.
    package var count: Int { starts.count }
    /// True if it is time to send.
    package var isFull: Bool { count >= Self.entryLimit || encoder.pipeline.bytes.count >= Self.byteLimit }
    /// The commands.
    var pipeline: RedisPipeline { encoder.pipeline }

    /// Adds an entry with one field, `payload`, for the stream at a place.
    @inline(__always)
    package mutating func append(payload: UnsafeRawBufferPointer, to target: Int = 0) {
        starts.append(encoder.pipeline.bytes.count)
        if hasTargets { targets.append(Int32(target)) }
        encoder.append(payload: payload, to: target)
    }

    /// Adds an entry for the stream at a place.
    package mutating func append(_ message: OutgoingMessage, to target: Int = 0) {
        starts.append(encoder.pipeline.bytes.count)
        if hasTargets { targets.append(Int32(target)) }
        if let id = message.id { ids.append(id) }
        encoder.append(message, to: target)
    }

    /// The place of the stream to which an entry goes.
    func target(of entry: Int) -> Int { hasTargets ? Int(targets[entry]) : 0 }

    /// Forgets the entries and keeps the buffers.
    package mutating func removeAll() {
        starts.removeAll(keepingCapacity: true)
        ids.removeAll(keepingCapacity: true)
        targets.removeAll(keepingCapacity: true)
        encoder.removeAll()
    }

    /// The commands of the entries from a position on.
    func pipeline(from position: Int) -> RedisPipeline {
        if position == 0 { return pipeline }
        return position < count ? pipeline.suffix(from: starts[position], count: count - position) : RedisPipeline()
    }

    /// The ids of the entries from a position on, where all have ids of their own; empty otherwise.
    func ownIDs(from position: Int) -> ArraySlice<StreamID> {
        ids.count == count ? ids[position...] : []
    }
}
