import RedstreamSystem
import TestSupport
import Testing

struct DescriptorTests {
    @Test func pipesAndSocketsAreNotInherited() throws {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        let (near, far) = try Descriptor.socketPair()
        for descriptor in [readEnd, writeEnd, near, far] {
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            close(descriptor)
        }
    }

    @Test func whatIsWrittenIsReadUpToTheEnd() throws {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        defer { close(readEnd) }
        try Descriptor.writeAll(Array("abc".utf8), to: writeEnd)
        close(writeEnd)
        #expect(try Descriptor.read(from: readEnd, atMost: 2) == Array("ab".utf8))
        #expect(try Descriptor.read(from: readEnd, atMost: 2) == Array("c".utf8))
        #expect(try Descriptor.read(from: readEnd, atMost: 2).isEmpty)
    }

    @Test func anEmptyPipeThatDoesNotBlockIsNoEnd() throws {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        defer {
            close(readEnd)
            close(writeEnd)
        }
        Descriptor.setNonBlocking(readEnd)
        #expect(throws: SystemError("cannot read", code: EAGAIN)) {
            try Descriptor.read(from: readEnd, atMost: 1)
        }
    }

    @Test func errorsSayWhatFailedAndWhy() {
        let error = SystemError("cannot open a pipe", code: EMFILE)
        #expect(error.description == "cannot open a pipe: Too many open files")
    }

    @Test func aWakeEndsWaits() throws {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        defer {
            close(readEnd)
            close(writeEnd)
        }
        let wake = try WakePipe()
        guard case .timedOut = wake.wait(for: readEnd, POLLIN, timeout: 0) else {
            Issue.record("nothing has happened")
            return
        }
        wake.wake()
        guard case .woken = wake.wait(for: readEnd, POLLIN) else {
            Issue.record("it was woken")
            return
        }
    }
}
