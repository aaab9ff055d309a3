import CHiredis

/// Turns the bytes that a server sends into replies, by a reader of hiredis.
///
/// Used by one thread at a time. The reader belongs to whoever hands it in, and is freed before this parser is let go:
/// hiredis looks into our table of callbacks until then.
final class ReplyParser {
    private let reader: UnsafeMutablePointer<redisReader>
    private let callbacks: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let tape: UnsafeMutablePointer<ReplyTape>
    private let address: String
    private var replyInProgress = false
    private var nextRoot = 0

    /// Takes over what a reader parses from the server at an address.
    init(_ reader: UnsafeMutablePointer<redisReader>, address: String) {
        self.reader = reader
        self.address = address
        callbacks = ReplyTape.makeCallbacks()
        tape = .allocate(capacity: 1)
        tape.initialize(to: ReplyTape())
        reader.pointee.fn = callbacks
        reader.pointee.privdata = UnsafeMutableRawPointer(tape)
        // 0 keeps the input buffer between replies instead of giving it back after each.
        reader.pointee.maxbuf = 0
    }

    deinit {
        callbacks.deallocate()
        tape.deinitialize(count: 1)
        tape.deallocate()
    }

    /// The number of replies that are complete and were not taken yet.
    var count: Int { tape.pointee.roots.count }

    /// Hands out the complete replies, in their order.
    func take() -> RedisReplies { tape.pointee.take(from: address) }

    /// Adds bytes that have arrived.
    ///
    /// - Throws: ``RedisError`` of kind `protocolViolation`.
    func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        guard redisReaderFeed(reader, bytes.baseAddress, bytes.count) == REDIS_OK else { throw readerError }
    }

    /// Parses the next reply out of what has arrived; false where it is not complete yet.
    ///
    /// - Throws: ``RedisError`` of kind `protocolViolation`; nothing more can be parsed then.
    func parseOne() throws(RedisError) -> Bool {
        if !replyInProgress {
            nextRoot = tape.pointee.nodes.count
            tape.pointee.missingNodes = 1
        }
        replyInProgress = true
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw readerError }
        guard reply != nil else { return false }
        // Newer hiredis parses types of RESP3 that have no callback here. No server sends them unasked, and a tape
        // that lacks a value would be read past its end.
        guard tape.pointee.missingNodes == 0 else {
            throw RedisError(
                .protocolViolation, address: address,
                cause: .malformedReply("a reply of a type that RESP2 does not have"))
        }
        replyInProgress = false
        tape.pointee.roots.append(nextRoot)
        return true
    }

    private var readerError: RedisError {
        let words = hiredisErrorText(in: reader.pointee.errstr)
        return RedisError(.protocolViolation, address: address, cause: Self.cause(ofReaderError: words))
    }

    /// The cause of an error of hiredis's reader, which tells it in words only.
    static func cause(ofReaderError words: String) -> RedisError.Cause {
        // The first byte of an alert of TLS.
        if words.contains(#"got "\x15""#) { return .tlsOnPlainPort }
        return words.contains("nested multi bulk") ? .replyTooDeep : .malformedReply(words)
    }
}

/// The text in one of hiredis's fixed buffers.
func hiredisErrorText(in buffer: some Any) -> String {
    withUnsafeBytes(of: buffer) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
