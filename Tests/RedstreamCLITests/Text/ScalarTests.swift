import ArgumentParser
import LineEditing
import TestSupport
import Testing

@testable import Redstream
@testable import RedstreamCLI

/// A mark that combines with a character of some syntax makes another `Character` of both, and must not hide it.
@Suite struct ScalarTests {
    @Test(arguments: ["redis://:secret@\u{301}host", "redis://u:secret@\u{20DD}h/1"])
    func aPasswordBeforeAMarkIsHidden(url: String) {
        #expect(!SecretText.hidden(url).contains("secret"))
        #expect(!SecretText.withoutPassword(url).contains("secret"))
        #expect(SecretLines.holdsSecret("connect \(url)"))
    }

    @Test(arguments: ["a\\\u{301}b", "\\\u{301}", "a\r\nb", "ECHO 'x\n\u{301}y'", "\\n", "a\r"])
    func aLineOfTheHistoryComesBack(line: String) throws {
        #expect(HistoryFile.decoded(HistoryFile.encoded(line)).utf8.elementsEqual(line.utf8))
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/history"
        let history = ShellHistory(path: path)
        history.add("first")
        history.add(line)
        history.add("last")
        let read = ShellHistory(path: path).lines
        #expect(read.map { Array($0.utf8) } == ["first", line, "last"].map { Array($0.utf8) })
    }

    @Test func linesThatLookAlikeAreTwo() {
        #expect(ShellHistory.unique(["ECHO é", "ECHO e\u{301}"]).count == 2)
    }

    @Test func labelsOfMetricsAreEscapedByScalars() {
        let row = ConsumerStatus(
            consumer: ConsumerName(stream: "q\"\u{301}", name: "\\\u{301}\n\u{301}"), committed: nil, lastID: nil,
            lag: nil, behind: nil, holder: nil, lease: nil, verdict: .idle)
        let report = StatusReport(time: 0, streams: [], consumers: [row], ambiguous: [:])
        let text = StatusMetrics(namespace: "n\"\u{301}").text(of: report)
        let labels = #"{stream="q\"\#u{301}",consumer="\\\#u{301}\n\#u{301}",namespace="n\"\#u{301}"}"#
        #expect(
            text.unicodeScalars.split(separator: "\n").contains { String($0) == "redstream_consumer_held\(labels) 0" })
    }

    @Test func aNameIsSpelledForZshWithItsColonsEscaped() {
        #expect(CompletionLine.spelled("a:\u{301}b", for: .zsh)?.utf8.elementsEqual("a\\:\u{301}b".utf8) == true)
    }

    @Test func aWordToCompleteIsMeasuredInScalars() {
        let completion = Completion(candidates: ["use e\u{301}a", "use e\u{301}b", "use e\u{301}"])
        #expect(completion.commonPrefix.utf8.elementsEqual("use e\u{301}".utf8))
        #expect(Completion(candidates: ["é", "e\u{301}"]).commonPrefix == "")
    }

    @Test func aRedirectionBeforeAMarkIsOne() throws {
        #expect(try ShellLine.parsed("ECHO 1 >\u{301}file").target == .file("\u{301}file", appends: false))
        #expect(try ShellLine.parsed("ECHO 1 >> \u{301}file").target == .file("\u{301}file", appends: true))
    }

    @Test func optionsWithAMarkBehindTheEqualSignAreParsed() {
        #expect(ProcessArguments.separated("--stream=\u{301}x") == ["--stream", "\u{301}x"])
        #expect(ProcessArguments.separated("--stream=x=\u{301}") == ["--stream=x=\u{301}"])
    }
}
