/// SHA-1, as FIPS 180-4 has it: the hash by which servers know scripts and records find their shards.
///
/// It protects nothing here: not worth a library of cryptography, which takes longer to build than all the rest.
package struct SHA1 {
    /// The five words of the hash.
    package private(set) var words: (UInt32, UInt32, UInt32, UInt32, UInt32) = (
        0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0
    )

    /// Hashes a text.
    package init(_ text: UnsafeBufferPointer<UInt8>) {
        var block = [16 of UInt32](repeating: 0)
        var filled = 0
        for byte in text {
            block[filled / 4] |= UInt32(byte) << (24 - filled % 4 * 8)
            filled += 1
            if filled == 64 {
                take(&block)
                filled = 0
            }
        }
        block[filled / 4] |= 0x80 << (24 - filled % 4 * 8)
        // The last eight bytes of the last block are the text's length in bits.
        if filled >= 56 { take(&block) }
        let bits = UInt64(text.count) * 8
        block[14] = UInt32(truncatingIfNeeded: bits >> 32)
        block[15] = UInt32(truncatingIfNeeded: bits)
        take(&block)
    }

    /// The first 32 bits of a text's hash.
    package static func leadingWord(of text: UnsafeBufferPointer<UInt8>) -> UInt32 { SHA1(text).words.0 }

    /// The 40 hexadecimal digits of a text's hash.
    package static func hexadecimal(of text: String) -> String {
        var text = text
        let words = text.withUTF8 { SHA1($0).words }
        return [words.0, words.1, words.2, words.3, words.4].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    /// Mixes in a block, and empties it.
    private mutating func take(_ block: inout [16 of UInt32]) {
        var state = words
        // A loop for each quarter: a choice within one would be made eighty times.
        for round in 0..<20 {
            let choice = state.1 & state.2 | ~state.1 & state.3
            Self.step(&state, choice &+ 0x5A82_7999 &+ Self.word(round, &block))
        }
        for round in 20..<40 {
            let choice = state.1 ^ state.2 ^ state.3
            Self.step(&state, choice &+ 0x6ED9_EBA1 &+ Self.word(round, &block))
        }
        for round in 40..<60 {
            let choice = state.1 & state.2 | state.1 & state.3 | state.2 & state.3
            Self.step(&state, choice &+ 0x8F1B_BCDC &+ Self.word(round, &block))
        }
        for round in 60..<80 {
            let choice = state.1 ^ state.2 ^ state.3
            Self.step(&state, choice &+ 0xCA62_C1D6 &+ Self.word(round, &block))
        }
        words.0 &+= state.0
        words.1 &+= state.1
        words.2 &+= state.2
        words.3 &+= state.3
        words.4 &+= state.4
        block = [16 of UInt32](repeating: 0)
    }

    /// The word that a round mixes in.
    @inline(__always)
    private static func word(_ round: Int, _ block: inout [16 of UInt32]) -> UInt32 {
        let slot = round & 15
        guard round >= 16 else { return block[slot] }
        let mixed = block[(round &+ 13) & 15] ^ block[(round &+ 8) & 15] ^ block[(round &+ 2) & 15] ^ block[slot]
        block[slot] = mixed.rotatedLeft(by: 1)
        return block[slot]
    }

    @inline(__always)
    private static func step(_ state: inout (UInt32, UInt32, UInt32, UInt32, UInt32), _ mixed: UInt32) {
        let next = state.0.rotatedLeft(by: 5) &+ state.4 &+ mixed
        state = (next, state.0, state.1.rotatedLeft(by: 30), state.2, state.3)
    }
}

extension UInt32 {
    @inline(__always)
    fileprivate func rotatedLeft(by count: UInt32) -> UInt32 { self &<< count | self &>> (32 &- count) }
}
