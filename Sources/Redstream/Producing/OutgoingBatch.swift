import RedisClient

/// Encoded entries on their way to one stream, in order.
package struct OutgoingBatch: Sendable {
    /// The most entries in a batch.
    package static let entryLimit = 1000
    /// The most bytes in a batch, unless one entry alone has more.
    package static let byteLimit = 1 << 20

    private var encoder: EntryEncoder
    /// Where the command of each entry begins.
    private var starts: [Int] = []
    /// The ids of entries that have one before they are written.
    private var ids: [StreamID] = []

    /// Creates an empty batch for the stream with that Redis key.
    package init(key: String) {
        encoder = EntryEncoder(key: key)
        starts.reserveCapacity(Self.entryLimit)
    }

    /// The number of entries.
    package var count: Int { starts.count }
    /// Whether it is time to send.
    package var isFull: Bool { count >= Self.entryLimit || encoder.pipeline.bytes.count >= Self.byteLimit }
    /// The commands.
    var pipeline: RedisPipeline { encoder.pipeline }

    /// Adds an entry with one field, `payload`.
    @inline(__always)
    package mutating func append(payload: UnsafeRawBufferPointer) {
        starts.append(encoder.pipeline.bytes.count)
        encoder.append(payload: payload)
    }

    /// Adds an entry.
    package mutating func append(_ message: OutgoingMessage) {
        starts.append(encoder.pipeline.bytes.count)
        if let id = message.id { ids.append(id) }
        encoder.append(message)
    }

    /// Forgets the entries and keeps the buffers.
    package mutating func removeAll() {
        starts.removeAll(keepingCapacity: true)
        ids.removeAll(keepingCapacity: true)
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
