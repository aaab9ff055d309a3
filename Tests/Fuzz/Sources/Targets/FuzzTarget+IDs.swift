@testable import Redstream
@testable import RedstreamCLI

extension FuzzTarget {
    /// Ids of entries: as text, and as the two numbers that decide their order.
    static let ids = FuzzTarget(name: "ids") { input in
        var input = input
        checkText(input.text)
        let (first, second) = (takeID(&input), takeID(&input))
        require((first < second) == (number(first) < number(second)), "ids are in the order of their numbers")
        require((first == second) == (number(first) == number(second)), "equal ids have equal numbers")
        for id in [first, second] {
            checkText(id.description)
            require(StreamID(id.description) == id, "an id is read back")
            require(id.successor.map(number) == next(id), "the successor is the next number")
            require(id.successor.map(\.predecessor) ?? id == id, "the one before the successor is the id")
            require((id.predecessor == nil) == (id == .zero), "only the lowest id has none before it")
            require(id.predecessor.map(\.successor) ?? id == id, "the one after the predecessor is the id")
            var text: [UInt8] = []
            text.append(id)
            require(text == Array(id.description.utf8), "an id is written the same in output")
        }
    }
}

/// Two numbers, each of which is often at an edge.
private func takeID(_ input: inout FuzzInput) -> StreamID {
    func takeNumber() -> UInt64 {
        switch input.takeByte() {
        case 0: 0
        case 1: .max
        case 2: .max - 1
        case let digits where digits < 16: UInt64(digits)
        default: input.takeNumber()
        }
    }
    return StreamID(milliseconds: takeNumber(), sequence: takeNumber())
}

private func number(_ id: StreamID) -> UInt128 { UInt128(id.milliseconds) << 64 | UInt128(id.sequence) }

private func next(_ id: StreamID) -> UInt128? { id == .max ? nil : number(id) + 1 }

/// Requires that a text is an id where two runs of digits with a dash between them are numbers of 64 bits.
private func checkText(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let areDigits = parts.allSatisfy { $0.allSatisfy { (0x30...0x39).contains($0) } }
    let numbers = parts.compactMap { areDigits ? UInt64(String(decoding: $0, as: UTF8.self)) : nil }
    let expected =
        parts.count == 2 && numbers.count == 2 ? StreamID(milliseconds: numbers[0], sequence: numbers[1]) : nil
    require(StreamID(text) == expected, "an id is two numbers")
    require(StreamID(utf8: Array(text.utf8)) == expected, "bytes are read as text is")
    if expected != nil { require(StreamID(lenient: text) == expected, "the sequence may be missing, and need not") }
}
