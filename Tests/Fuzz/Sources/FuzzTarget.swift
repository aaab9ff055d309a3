/// One thing that is fuzzed.
struct FuzzTarget: Sendable {
    /// Its name, also that of its folder in Corpora.
    let name: String
    /// Does with any bytes what the program does with foreign ones, and ends the process where a promise is broken.
    let run: @Sendable (FuzzInput) -> Void
}

/// All of them: a new one is a file in Targets, and a line here.
let targets: [FuzzTarget] = [
    .durations, .entries, .ids, .json, .lines, .names, .records, .redirections, .replies, .strings, .times, .urls,
    .words,
]

/// Ends the process where a promise is broken: libFuzzer keeps the input then.
func require(_ holds: Bool, _ promise: @autoclosure () -> String) {
    if !holds { preconditionFailure(promise()) }
}

/// The bytes of one try.
struct FuzzInput {
    /// The bytes that are left; the memory ends where they do, so that a read past the end is found out.
    private(set) var bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    /// A copy of the bytes that are left.
    var array: [UInt8] { Array(bytes) }

    /// The bytes that are left as text, repaired where it is not UTF-8.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Takes the first byte for a choice that the target has to make; 0 where nothing is left.
    mutating func takeByte() -> UInt8 {
        guard let first = bytes.first else { return 0 }
        bytes = UnsafeBufferPointer(rebasing: bytes.dropFirst())
        return first
    }

    /// Takes a number of as many bytes as it has, or of what is left.
    mutating func takeNumber() -> UInt64 {
        (0..<8).reduce(0) { number, _ in number << 8 | UInt64(takeByte()) }
    }

    /// Takes a byte as a length, and so many bytes, or what is left.
    mutating func takeBlock() -> [UInt8] {
        let length = min(Int(takeByte()), bytes.count)
        defer { bytes = UnsafeBufferPointer(rebasing: bytes.dropFirst(length)) }
        return Array(bytes.prefix(length))
    }

    /// Cuts the bytes that are left into pieces of the size that the first byte says; one piece for 0.
    mutating func takeChunks() -> [UnsafeBufferPointer<UInt8>] {
        let size = Int(takeByte())
        guard size > 0 else { return [bytes] }
        return stride(from: 0, to: bytes.count, by: size).map {
            UnsafeBufferPointer(rebasing: bytes[$0..<min($0 + size, bytes.count)])
        }
    }
}
