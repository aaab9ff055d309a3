/// Base64 as RFC 4648 defines it, with padding: how records carry bytes that are no text.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// For each byte the six bits that it stands for; 0xFF for none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    /// Appends bytes as Base64.
    static func append(_ bytes: ArraySlice<UInt8>, to text: inout [UInt8]) {
        var rest = bytes
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0...3 {
                let letter = alphabet[Int(bits >> UInt32(18 - 6 * place) & 0x3F)]
                text.append(place <= group.count ? letter : padding)
            }
        }
    }

    /// Reads Base64; nil where it is not what encoding some bytes gives.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var rest = text
        while !rest.isEmpty {
            var group = rest.prefix(4)
            rest = rest.dropFirst(4)
            if rest.isEmpty {
                if group.last == padding { group.removeLast() }
                if group.last == padding { group.removeLast() }
            }
            var bits: UInt32 = 0
            for letter in group {
                let value = values[Int(letter)]
                guard value < 64 else { return nil }
                bits = bits << 6 | UInt32(value)
            }
            bits <<= UInt32(6 * (4 - group.count))
            let count = group.count - 1
            // Bits past the last byte must be unset, or two texts would stand for the same bytes.
            guard count > 0, bits & (1 << UInt32(8 * (3 - count)) - 1) == 0 else { return nil }
            for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(16 - 8 * place))) }
        }
        return bytes
    }
}
