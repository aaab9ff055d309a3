import Redstream

/// A dead letter as it is shown.
struct DeadLetterText {
    let letter: DeadLetter
    let name: ConsumerName

    /// The columns of a list.
    static let columns: [TextTable.Column] = [
        .left("LETTER"), .left("MESSAGE"), .left("GIVEN UP"), .right("ATTEMPTS"), .right("REPLAYS"), .left("REASON"),
    ]

    /// The cells of a list.
    var cells: [String?] {
        let origin = letter.origin
        return [
            letter.id.description, origin.map { _ in letter.message.id.description }, time,
            origin.map(\.attempts.grouped), origin.map(\.replays.grouped), origin?.reason,
        ]
    }

    /// The known facts about it, without its content.
    var json: JSONValue { .object(members) }

    /// The known facts about it and its record, in one line.
    var jsonWithRecord: [UInt8] {
        var line = Array(json.text.utf8.dropLast())
        line += Array(#","record":"#.utf8)
        RecordJSON(stream: name.stream).append(letter.message, to: &line)
        line.removeLast()
        line += Array("}\n".utf8)
        return line
    }

    /// The known facts about it and its content, for people; safe for a terminal.
    var text: [UInt8] {
        var lines = ["letter    \(letter.id)"]
        if let origin = letter.origin {
            let attempts = origin.attempts.counted("attempt", "attempts")
            let replays =
                origin.replays == 0 ? "" : ", replayed \(origin.replays.counted("time", "times"))"
            lines += [
                "given up  \(time ?? "-") by \(origin.consumer) of \(origin.stream), \(attempts)\(replays)",
                "reason    \(origin.reason)",
            ]
        }
        var bytes = lines.flatMap { Array((TerminalText.escaped($0) + "\n").utf8) }
        bytes += Array("message   ".utf8)
        RecordText.append(letter.message, to: &bytes)
        return bytes
    }

    private var members: [(key: String, value: JSONValue)] {
        let origin = letter.origin
        return [
            ("id", .string(letter.id.description)), ("stream", .string(name.stream)),
            ("consumer", .string(name.name)), ("message", .optional(origin.map { _ in letter.message.id })),
            ("reason", .optional(origin?.reason)), ("time_ms", .optional(origin.map { Int(clamping: $0.time) })),
            ("attempts", .optional(origin?.attempts)), ("replays", .optional(origin?.replays)),
        ]
    }

    private var time: String? { letter.origin.map { UniversalTime.text(milliseconds: $0.time) } }
}
