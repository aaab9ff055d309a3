/// A value that can stand as one argument of a command.
public protocol RedisArgument: Sendable {
    /// Appends this value as one argument.
    func append(to pipeline: inout RedisPipeline)
}

extension String: RedisArgument {
    /// Appends the text as UTF-8.
    public func append(to pipeline: inout RedisPipeline) {
        var text = self
        text.withUTF8 { pipeline.appendArgument(UnsafeRawBufferPointer($0)) }
    }
}

extension Int: RedisArgument {
    /// Appends the number in decimal digits.
    public func append(to pipeline: inout RedisPipeline) {
        String(self).append(to: &pipeline)
    }
}

extension Array: RedisArgument where Element == UInt8 {
    /// Appends the bytes as they are.
    public func append(to pipeline: inout RedisPipeline) {
        withUnsafeBytes { pipeline.appendArgument($0) }
    }
}

extension ArraySlice: RedisArgument where Element == UInt8 {
    /// Appends the bytes as they are.
    public func append(to pipeline: inout RedisPipeline) {
        withUnsafeBytes { pipeline.appendArgument($0) }
    }
}
