import Redstream

@testable import RedstreamCLI

extension FuzzTarget {
    /// Lines as `produce --records` reads them: what they hold is printed and read back the same.
    static let records = FuzzTarget(name: "records") { input in
        let line = input.array[...]
        let record: RecordLineParser.Record
        do {
            record = try RecordLineParser(keepsIDs: false).parse(line)
        } catch {
            require(!"\(error)".isEmpty, "a refusal has a reason")
            let kept = try? RecordLineParser(keepsIDs: true).parse(line)
            require(kept == nil, "keeping ids accepts no more")
            return
        }
        require(record.message.id == nil, "ids are kept only when asked")
        let kept = try? RecordLineParser(keepsIDs: true).parse(line)
        require((kept != nil) == (record.id != nil), "a record with an id can keep it")
        require(kept?.message.id == record.id, "the id that is kept is the record's")
        requireRoundTrip(record.message.fields, id: record.id ?? StreamID(milliseconds: 5), stream: record.stream ?? "")
    }

    /// Entries with any names and values: what is printed is read back the same, and commands no terminal.
    static let entries = FuzzTarget(name: "entries") { input in
        var input = input
        let id = StreamID(milliseconds: input.takeNumber() | 1, sequence: input.takeNumber())
        let stream = String(decoding: input.takeBlock(), as: UTF8.self)
        var fields: [Message.Field] = []
        repeat {
            // Payloads are a case of their own, which chance would not find.
            let name = input.takeByte() & 1 == 0 ? Array("payload".utf8) : input.takeBlock()
            let value = input.takeByte() & 1 == 0 ? input.takeBlock() : input.array
            fields.append(Message.Field(name: name[...], value: value[...]))
        } while !input.bytes.isEmpty && fields.count < 8
        requireRoundTrip(fields, id: id, stream: stream)
    }
}

/// Requires that an entry which is printed as a record is restored from it.
private func requireRoundTrip(_ fields: [Message.Field], id: StreamID, stream: String) {
    let message = Message(id: id, fields: fields)
    for payloadAsString in [false, true] {
        var line: [UInt8] = []
        RecordJSON(stream: stream, payloadAsString: payloadAsString).append(message, to: &line)
        require(line.popLast() == UInt8(ascii: "\n"), "a record ends its line")
        require(!JSONText.hasControlCharacters(line[...]), "a record is one line, and commands no terminal")
        guard let restored = try? RecordLineParser(keepsIDs: true).parse(line[...]) else {
            preconditionFailure("a record can be read back")
        }
        require(restored.message == OutgoingMessage(fields: fields, id: id), "an entry is restored")
        require(restored.id == id, "the id is restored")
        // Swift's == takes canonically equivalent texts for equal.
        require(restored.stream.map { Array($0.utf8) } == Array(stream.utf8), "the stream's name is restored")
    }
    var text: [UInt8] = []
    RecordText.append(message, to: &text)
    require(text.popLast() == UInt8(ascii: "\n"), "an entry's text ends its line")
    require(!JSONText.hasControlCharacters(text[...]), "an entry's text commands no terminal")
    require(String(validating: text, as: UTF8.self) != nil, "an entry's text is UTF-8")
}
