import RedstreamSystem
import TestSupport
import Testing

struct ResourcesTests {
    @Test func whatAProcessHasIsFound() throws {
        try Resources.requireDescriptors(16)
        try Resources.requireThreads(4)
    }

    @Test func moreDescriptorsThanTheLimitAreRefused() {
        #expect(throws: SystemError("cannot open another file", code: EMFILE)) {
            try Resources.requireDescriptors(Resources.openFilesLimit)
        }
    }

    @Test func lookingTakesNoDescriptor() throws {
        let before = try Descriptor.pipe()
        for _ in 0..<100 { try Resources.requireDescriptors(50) }
        let after = try Descriptor.pipe()
        // Other tests open files too, but not hundreds.
        #expect(after.readEnd - before.readEnd < 90)
        for end in [before.readEnd, before.writeEnd, after.readEnd, after.writeEnd] { close(end) }
    }
}
