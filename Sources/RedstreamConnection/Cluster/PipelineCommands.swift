/// The commands of a pipeline, found again in its bytes.
struct PipelineCommands {
    /// The places of a command, of its name, and of its first key.
    struct Command {
        let range: Range<Int>
        let name: Range<Int>
        /// The first key; for a command without keys, its first argument.
        let key: Range<Int>
    }

    private let bytes: [UInt8]
    private(set) var commands: [Command] = []

    init(_ pipeline: RedisPipeline) {
        bytes = pipeline.bytes
        commands.reserveCapacity(pipeline.count)
        var place = 0
        while place < bytes.count {
            let start = place
            let count = number(at: &place)
            var name = place..<place
            var key = place..<place
            // Scripts are EVAL or EVALSHA, by which the number of keys stands before them.
            var keyIndex = 1
            for index in 0..<count {
                let length = number(at: &place)
                if index == 0 {
                    name = place..<(place + length)
                    if bytes[name].starts(with: "EVAL".utf8) { keyIndex = 3 }
                }
                if index == keyIndex { key = place..<(place + length) }
                place += length + 2
            }
            commands.append(Command(range: start..<place, name: name, key: key))
        }
    }

    /// The bytes of a command.
    func bytes(of index: Int) -> ArraySlice<UInt8> { bytes[commands[index].range] }

    /// The name of a command, in capitals.
    func name(of index: Int) -> String {
        String(decoding: bytes[commands[index].name], as: UTF8.self).uppercased()
    }

    /// Returns true if the name of a command begins with one of these letters, in capitals or not.
    func name(of index: Int, beginsWithOneOf letters: String.UTF8View) -> Bool {
        letters.contains(bytes[commands[index].name.lowerBound] | 0x20)
    }

    /// The slot of the first key.
    func slot(of index: Int) -> ClusterSlot { ClusterSlot(of: bytes[commands[index].key]) }

    /// Returns true if there is a command of that name, given in capitals.
    func contains(_ name: String) -> Bool { commands.indices.contains { self.name(of: $0) == name } }

    /// Reads `*3\r\n` or `$5\r\n`, as ``RedisPipeline`` has written it, and goes past it.
    private func number(at place: inout Int) -> Int {
        place += 1
        var number = 0
        while bytes[place] != 13 {
            number = number * 10 + Int(bytes[place] - UInt8(ascii: "0"))
            place += 1
        }
        place += 2
        return number
    }
}
