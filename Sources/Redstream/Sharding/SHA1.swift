/// The hash by which records find their shards: SHA-1, as FIPS 180-4 has it.
///
/// It protects nothing here, it only spreads ids: not worth a library of cryptography, which takes longer to build than
/// all the rest.
struct SHA1 {
    /// The five words of the hash.
    private(set) var words: (UInt32, UInt32, UInt32, UInt32, UInt32) = (
        0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0
    )

    /// Hashes a text.
    init(_ text: some Collection<UInt8>) {
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
    static func leadingWord(of text: some Collection<UInt8>) -> UInt32 { SHA1(text).words.0 }

    /// Mixes in a block, and empties it.
    private mutating func take(_ block: inout [16 of UInt32]) {
        var (a, b, c, d, e) = words
        for round in 0..<80 {
            let slot = round & 15
            if round >= 16 {
                let mixed = block[(round + 13) & 15] ^ block[(round + 8) & 15] ^ block[(round + 2) & 15] ^ block[slot]
                block[slot] = mixed.rotatedLeft(by: 1)
            }
            let (choice, constant): (UInt32, UInt32) =
                switch round {
                case ..<20: (b & c | ~b & d, 0x5A82_7999)
                case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case ..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = a.rotatedLeft(by: 5) &+ choice &+ e &+ constant &+ block[slot]
            (a, b, c, d, e) = (next, a, b.rotatedLeft(by: 30), c, d)
        }
        words.0 &+= a
        words.1 &+= b
        words.2 &+= c
        words.3 &+= d
        words.4 &+= e
        block = [16 of UInt32](repeating: 0)
    }
}

extension UInt32 {
    fileprivate func rotatedLeft(by count: UInt32) -> UInt32 { self << count | self >> (32 - count) }
}
