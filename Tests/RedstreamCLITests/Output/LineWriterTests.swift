import RedstreamSystem
import Synchronization
import TestSupport
import Testing

@testable import RedstreamCLI

/// Lines for a reader that is slow, or does not read.
@Suite struct LineWriterTests {
    private static let lines = (0..<3000).map { "line \($0) \(String(repeating: "x", count: 90))\n" }

    /// A pipe whose reader has taken nothing yet, and has room for nothing.
    private func fullPipe(isNonBlocking: Bool) throws -> (readEnd: Int32, writeEnd: Int32, size: Int) {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        let flags = fcntl(writeEnd, F_GETFL)
        Descriptor.setNonBlocking(writeEnd)
        var size = 0
        while let count = try? Descriptor.write([UInt8](repeating: 46, count: 4096)[...], to: writeEnd) {
            size += count
        }
        if !isNonBlocking { _ = fcntl(writeEnd, F_SETFL, flags) }
        return (readEnd, writeEnd, size)
    }

    /// All that comes out of a pipe.
    private func text(from readEnd: Int32) async throws -> String {
        let bytes = try await onThread {
            var bytes: [UInt8] = []
            while true {
                let chunk = try Descriptor.read(from: readEnd, atMost: 65536)
                if chunk.isEmpty { return bytes }
                bytes += chunk
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [true, false])
    func droppedLinesAreCountedInTheirPlace(isNonBlocking: Bool) async throws {
        let (readEnd, writeEnd, size) = try fullPipe(isNonBlocking: isNonBlocking)
        defer { close(readEnd) }
        let began = ContinuousClock.now
        try await onThread {
            let writer = LineWriter(descriptor: writeEnd, ownsDescriptor: true) { "\($0) dropped\n" }
            for line in Self.lines { writer.write(line) }
            #expect(writer.isStuck)
            // Three thousand waits would take minutes.
            #expect(began.duration(to: .now) < .seconds(20))
        }
        let rows = try await text(from: readEnd).dropFirst(size).split(separator: "\n")
        let dropped = try #require(rows.last?.split(separator: " ").first.flatMap { Int($0) })
        #expect(rows.last?.hasSuffix(" dropped") == true)
        #expect(rows.count - 1 + dropped == Self.lines.count)
        #expect(rows.dropLast().elementsEqual(Self.lines.prefix(rows.count - 1).map { $0.dropLast() }))
    }

    @Test func readerThatReadsGetsEveryLine() async throws {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        defer { close(readEnd) }
        async let output = text(from: readEnd)
        // A write waits for the reader, which needs a thread of the pool to begin.
        try await onThread {
            let writer = LineWriter(descriptor: writeEnd, ownsDescriptor: true) { "\($0) dropped\n" }
            for line in Self.lines { writer.write(line) }
        }
        #expect(try await output == Self.lines.joined())
    }

    @Test func failedLinesAreGivenBack() throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        let failed = Mutex("")
        let writer = LineWriter(descriptor: full, ownsDescriptor: true) {
            "\($0) dropped\n"
        } onFailure: { error, lines in
            failed.withLock { $0 += "\(error.code == ENOSPC) \(String(decoding: lines, as: UTF8.self))" }
        }
        writer.write("one\n")
        writer.write("two\n")
        writer.finish()
        #expect(failed.withLock { $0 } == "true one\ntrue two\n")
    }

    @Test func backlogKeepsTheFirstLinesAndOrder() {
        var backlog = LineBacklog(capacity: 8)
        for line in ["aaa\n", "bbb\n", "c\n", "d\n"] { backlog.append(Array(line.utf8)) }
        #expect(backlog.take() == .init(bytes: Array("aaa\nbbb\n".utf8), lines: 2, dropped: 2))
        #expect(backlog.take() == nil)
        backlog.append(Array("longer than it has room\n".utf8))
        #expect(backlog.take()?.lines == 1)
    }
}
