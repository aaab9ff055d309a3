/// Knows the well-formed multi-byte sequences of UTF-8.
package enum UTF8Sequence {
    /// Measures the multi-byte sequence that starts at a position.
    ///
    /// Overlong forms, surrogates, code points past U+10FFFF and sequences cut short are none.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - position: Where a byte from 0x80 stands.
    /// - Returns: 2 to 4, or 0 where there is none.
    @inlinable
    package static func length(in bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        let rest = bytes.count &- position
        let lead = bytes[position]
        switch lead {
        case 0xC2...0xDF:
            return rest >= 2 && isTrail(bytes[position &+ 1]) ? 2 : 0
        case 0xE0...0xEF:
            guard rest >= 3, isTrail(bytes[position &+ 2]) else { return 0 }
            let second = bytes[position &+ 1]
            let lowest: UInt8 = lead == 0xE0 ? 0xA0 : 0x80
            let highest: UInt8 = lead == 0xED ? 0x9F : 0xBF
            return second >= lowest && second <= highest ? 3 : 0
        case 0xF0...0xF4:
            guard rest >= 4, isTrail(bytes[position &+ 2]), isTrail(bytes[position &+ 3]) else { return 0 }
            let second = bytes[position &+ 1]
            let lowest: UInt8 = lead == 0xF0 ? 0x90 : 0x80
            let highest: UInt8 = lead == 0xF4 ? 0x8F : 0xBF
            return second >= lowest && second <= highest ? 4 : 0
        default:
            return 0
        }
    }

    @inlinable
    static func isTrail(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
