/// Eight bytes looked at together.
///
/// The tests answer with flags: the high bit of a byte's place. Only the lowest flag is exact, since a borrow
/// runs upwards; that is all that a search for the first byte of a kind needs. Flags of several tests may be
/// joined with `|`.
@frozen
package struct ByteWord: Sendable {
    /// The number of bytes in a word.
    package static let size = 8

    @usableFromInline let word: UInt64

    /// Loads the eight bytes from a position, which must leave eight to load.
    @inlinable
    @inline(__always)
    package init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    @inlinable
    static var ones: UInt64 { 0x0101_0101_0101_0101 }
    @inlinable
    static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    /// Flags the bytes from 0x80.
    @inlinable
    package var outsideASCII: UInt64 { word & Self.highBits }

    /// Flags the bytes below a limit of 0x80 at most.
    @inlinable
    package func below(_ limit: UInt8) -> UInt64 {
        (word &- Self.ones &* UInt64(limit)) & ~word & Self.highBits
    }

    /// Flags the bytes that equal a byte.
    @inlinable
    package func equal(_ byte: UInt8) -> UInt64 {
        let difference = word ^ (Self.ones &* UInt64(byte))
        return (difference &- Self.ones) & ~difference & Self.highBits
    }

    /// The place of the first flagged byte; 8 where none is flagged.
    @inlinable
    package static func first(_ flags: UInt64) -> Int {
        flags.trailingZeroBitCount >> 3
    }
}
