import FoundationEssentials
import Redstream

/// Reads what handlers have written: for each process the lines that its handlers got, and for each consumer, in the
/// order of all of its processes, which batches were taken.
///
/// A line in the consumer's file is written by one write to a file opened for appending, and hence whole and in its
/// place whatever else is written at the time. It is the last thing that a handler does. So what stands there was
/// handled, and what was handled stands there.
enum BatchFiles {
    /// The handler, run with /bin/sh once for each batch.
    ///
    /// It fails at the first attempt at one batch in twenty, dawdles over one in ten, and the indexer's fails for every
    /// message that is called poison.
    ///
    /// Without moods it takes every batch at once.
    static func handler(hasMoods: Bool) -> String {
        let moods = """
            if [ "$REDSTREAM_CONSUMER" = \(Cast.indexer) ]; then
                case $batch in *'"poison"'*) exit 3 ;; esac
            fi
            case $REDSTREAM_ATTEMPT.$REDSTREAM_LAST_ID in
                1.*[0-4]7-*) exit 4 ;;
                *8-*) sleep 0.05 ;;
            esac

            """
        return beginning + (hasMoods ? moods : "") + end
    }

    private static let beginning = """
        batch=$(cat)
        # Whoever was to write the rest has died; nothing will be committed.
        IFS='
        '
        set -f
        set -- $batch
        [ $# = "$REDSTREAM_COUNT" ] || exit 6

        """

    private static let end = """
        printf '%s\\n' "$batch" >> "$TORTURE_FOLDER/lines/$TORTURE_PROCESS" || exit 5
        printf '%s\\n' "$TORTURE_PROCESS $REDSTREAM_ATTEMPT $REDSTREAM_FIRST_ID $REDSTREAM_LAST_ID $REDSTREAM_COUNT" \
            >> "$TORTURE_FOLDER/batches/$REDSTREAM_STREAM.$REDSTREAM_CONSUMER" || exit 5
        """

    /// The batches of a consumer.
    ///
    /// - Throws: What cannot be read, or makes no sense.
    static func batches(of consumer: ConsumerName, in folder: String) throws -> [History.Batch] {
        let path = "\(folder)/batches/\(consumer.stream).\(consumer.name)"
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        var lines: [String: Lines] = [:]
        return try text(path).split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 5, let attempt = Int(words[1]), let first = StreamID(words[2]),
                let last = StreamID(words[3]), let count = Int(words[4])
            else { throw Nonsense(description: "\(path): \(line)") }
            if lines[words[0]] == nil { lines[words[0]] = try Lines("\(folder)/lines/\(words[0])") }
            guard let entries = lines[words[0]]?.next(from: first, to: last, count: count) else {
                throw Nonsense(description: "\(path): nobody got the batch \(line)")
            }
            return History.Batch(process: words[0], attempt: attempt, entries: entries)
        }
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    struct Nonsense: Error, CustomStringConvertible {
        let description: String
    }

    /// The lines of a process, from which batches are taken in their order.
    private struct Lines {
        private let entries: [History.Entry]
        private var place = 0

        init(_ path: String) throws {
            entries = try BatchFiles.text(path).split(separator: "\n").map { line in
                guard let entry = History.Entry(record: line) else {
                    throw Nonsense(description: "\(path): \(line)")
                }
                return entry
            }
        }

        /// The next batch from one id to another; nil where there is none.
        ///
        /// A handler that died between its two writes has left lines without a batch, which are passed over.
        mutating func next(from first: StreamID, to last: StreamID, count: Int) -> [History.Entry]? {
            while place + count <= entries.count {
                let end = place + count
                if entries[place].id == first, entries[end - 1].id == last {
                    defer { place = end }
                    return Array(entries[place..<end])
                }
                place += 1
            }
            return nil
        }
    }
}

extension History.Entry {
    /// Reads `{"id":"1-0","stream":"s","payload":…}`, as `consume` hands it to a command.
    init?(record: Substring) {
        let parts = record.utf8.split(
            separator: UInt8(ascii: "\""), maxSplits: 10, omittingEmptySubsequences: false)
        // The last one is `:…}`.
        guard parts.count == 11, let id = StreamID(utf8: parts[3]), parts[10].last == UInt8(ascii: "}") else {
            return nil
        }
        self.init(id: id, payload: String(decoding: parts[10].dropFirst().dropLast(), as: UTF8.self))
    }
}
