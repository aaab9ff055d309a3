/// Commands encoded one after the other into one buffer, to be sent together and answered in order.
///
/// ```swift
/// var pipeline = RedisPipeline()
/// pipeline.append("XLEN", key)
/// pipeline.append("TIME")
/// let replies = try await connection.execute(pipeline)
/// ```
public struct RedisPipeline: Sendable {
    /// The commands in RESP, as they go to the socket.
    public private(set) var bytes: [UInt8] = []
    /// The number of commands, and so of replies to expect.
    public private(set) var count = 0

    /// Creates an empty pipeline.
    public init() {}

    /// Creates a pipeline of one command.
    public init(_ arguments: any RedisArgument...) {
        append(arguments)
    }

    /// Appends a command: its name, then its arguments.
    public mutating func append(_ arguments: any RedisArgument...) {
        append(arguments)
    }

    /// Appends a command given as a list; the list is not empty.
    public mutating func append(_ arguments: [any RedisArgument]) {
        beginCommand(argumentCount: arguments.count)
        for argument in arguments { argument.append(to: &self) }
    }

    /// The last commands, from one that begins at an offset into ``bytes``.
    package func suffix(from offset: Int, count: Int) -> RedisPipeline {
        var pipeline = RedisPipeline()
        pipeline.bytes = Array(bytes[offset...])
        pipeline.count = count
        return pipeline
    }

    /// Forgets all commands and keeps the buffer for the next ones.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
    }
}

// The parts that the hot paths are put together from: no list, no existential, one copy of each byte.
extension RedisPipeline {
    /// Begins a command of that many arguments, its name included; each is then appended.
    public mutating func beginCommand(argumentCount: Int) {
        appendHeader(UInt8(ascii: "*"), argumentCount)
        count += 1
    }

    /// Appends an argument.
    public mutating func appendArgument(_ argument: UnsafeRawBufferPointer) {
        appendHeader(UInt8(ascii: "$"), argument.count)
        bytes.append(contentsOf: argument)
        appendLineEnd()
    }

    /// Appends arguments that were encoded before, the same for command after command.
    public mutating func appendEncoded(_ arguments: EncodedArguments) {
        bytes.append(contentsOf: arguments.bytes)
    }

    /// Appends a whole command as it stood in another pipeline.
    mutating func append(encoded command: ArraySlice<UInt8>) {
        bytes.append(contentsOf: command)
        count += 1
    }

    private mutating func appendHeader(_ type: UInt8, _ number: Int) {
        bytes.append(type)
        if number < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(number))
        } else {
            appendDigits(number)
        }
        appendLineEnd()
    }

    private mutating func appendDigits(_ number: Int) {
        var divisor = 10
        while number / divisor >= 10 { divisor *= 10 }
        var rest = number
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    private mutating func appendLineEnd() {
        bytes.append(13)
        bytes.append(10)
    }
}

/// Arguments in RESP, encoded once for commands that begin alike.
public struct EncodedArguments: Sendable {
    let bytes: [UInt8]
    /// The number of arguments.
    public let count: Int

    /// Encodes arguments.
    public init(_ arguments: any RedisArgument...) {
        var pipeline = RedisPipeline()
        for argument in arguments { argument.append(to: &pipeline) }
        bytes = pipeline.bytes
        count = arguments.count
    }
}
