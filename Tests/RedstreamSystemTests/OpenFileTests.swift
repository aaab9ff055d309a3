import RedstreamSystem
import TestSupport
import Testing

struct OpenFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    private func pipe() throws -> String {
        let path = path("pipe")
        guard mkfifo(path, 0o600) == 0 else { throw SystemError("mkfifo") }
        return path
    }

    private func write(_ text: String, to name: String) throws -> String {
        let file = try OpenFile.writing(path(name), appends: false)
        try Descriptor.writeAll(Array(text.utf8), to: file.descriptor)
        return path(name)
    }

    @Test func filesAreNotInherited() throws {
        let file = try OpenFile.reading(write("a", to: "file"))
        #expect(fcntl(file.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(file.size == 1)
    }

    @Test func aFileIsClosedWithItsObject() throws {
        let path = try write("a", to: "file")
        // Otherwise there would be no descriptors left.
        for _ in 0..<3000 { _ = try OpenFile.reading(path) }
    }

    @Test func readingAPipeDoesNotWaitForItsWriter() throws {
        let file = try OpenFile.reading(pipe())
        #expect(file.size == nil)
        #expect(throws: OpenFile.ContentsError.timedOut) {
            try file.contents(atMost: 10, by: .now.advanced(by: .milliseconds(20)))
        }
        #expect(throws: OpenFile.ContentsError.stopped) { try file.contents(atMost: 10, unless: { true }) }
    }

    @Test func aPipeIsReadToTheEndOfItsWriter() throws {
        let path = try pipe()
        let file = try OpenFile.reading(path)
        try startThread {
            guard let writer = try? OpenFile.writing(path, appends: false) else { return }
            for _ in 0..<3 {
                try? Descriptor.writeAll(Array("abc".utf8), to: writer.descriptor)
                usleep(2000)
            }
            withExtendedLifetime(writer) {}
        }
        #expect(try file.contents(atMost: 100) == Array("abcabcabc".utf8))
    }

    @Test func writingToAPipeThatNobodyReadsDoesNotWait() throws {
        let path = try pipe()
        #expect(throws: SystemError("cannot open \(path)", code: ENXIO)) {
            try OpenFile.writing(path, appends: false)
        }
    }

    @Test func aDirectoryIsNotRead() throws {
        #expect(throws: SystemError("cannot read \(directory.path)", code: EISDIR)) {
            try OpenFile.reading(directory.path)
        }
    }

    @Test func aFileThatIsTooLongIsRefused() throws {
        let path = try write("12345\n789", to: "file")
        #expect(throws: OpenFile.ContentsError.tooLong(limit: 8)) {
            try OpenFile.reading(path).contents(atMost: 8)
        }
        #expect(try OpenFile.reading(path).contents(atMost: 9).count == 9)
        let line = try OpenFile.reading(path).contents(atMost: 5, upTo: { $0.firstIndex(of: 10) })
        #expect(line == Array("12345".utf8))
        #expect(throws: OpenFile.ContentsError.tooLong(limit: 4)) {
            try OpenFile.reading(path).contents(atMost: 4, upTo: { $0.firstIndex(of: 10) })
        }
    }

    @Test func onlyRegularFilesAreKept() throws {
        let file = try write("a", to: "file")
        #expect(try OpenFile.keeping(file).isOurs)
        #expect(try OpenFile.keeping(path("new")).isOurs)
        symlink("/dev/null", path("link"))
        mkdir(path("directory"), 0o700)
        for other in [try pipe(), "/dev/null", path("link"), path("directory")] {
            #expect(throws: SystemError("cannot use \(other)", code: EINVAL)) { try OpenFile.keeping(other) }
        }
    }

    @Test func aFileWithAnotherNameIsNotOurs() throws {
        let file = try write("a", to: "file")
        link(file, path("other"))
        #expect(try !OpenFile.keeping(file).isOurs)
    }
}
