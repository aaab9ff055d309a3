import Foundation
import Testing

@testable import RedstreamCLI

/// The record that handlers of several processes kept of one shard: `begin PROCESS`, the ids of a batch, `end PROCESS`.
struct ShardHistory {
    /// The command for `--exec` that writes it, a file for each shard.
    static func command(in directory: String) -> String {
        """
        exec >> \(directory)/$REDSTREAM_STREAM; echo begin $PPID; sed 's/.*"payload":{"id":\\([0-9]*\\)}}/\\1/'; \
        sleep 0.01; echo end $PPID
        """
    }

    let lines: [String]

    init(of stream: String, in directory: String) throws {
        let path = "\(directory)/\(stream)"
        guard FileManager.default.fileExists(atPath: path) else {
            lines = []
            return
        }
        lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// The ids that were handled, as often as they were.
    var ids: [Int] { lines.compactMap { Int($0) } }

    /// Expects that one process at a time handled the shard, in its order, and that nothing is missing.
    ///
    /// A new holder may begin with what the last one had in hand.
    func expect(_ expected: [Int], _ stream: String, sourceLocation: SourceLocation = #_sourceLocation) {
        var open: String?
        var last = 0
        var next: [Int] = []
        for line in lines {
            if line.hasPrefix("begin ") {
                #expect(open == nil, "\(stream): two at a time", sourceLocation: sourceLocation)
                open = String(line.dropFirst("begin ".count))
                next = []
            } else if line.hasPrefix("end ") {
                #expect(open == String(line.dropFirst("end ".count)), sourceLocation: sourceLocation)
                open = nil
            } else if let id = Int(line) {
                #expect(next.last ?? 0 < id, "\(stream): out of order in a batch", sourceLocation: sourceLocation)
                next.append(id)
                // Nothing is passed over: what comes is handled already, or the very next.
                let position = expected.firstIndex(of: id)
                let before = position.map { $0 > 0 ? expected[$0 - 1] : 0 }
                #expect(id <= last || before == last, "\(stream): \(id) after \(last)", sourceLocation: sourceLocation)
                last = max(last, id)
            }
        }
        #expect(Set(ids) == Set(expected), "\(stream)", sourceLocation: sourceLocation)
    }
}
