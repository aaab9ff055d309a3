import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// Names are bytes to Redis: a combining mark belongs to the name, not to the colon or the asterisk before it.
@Suite struct CombiningNameTests {
    @Test func aNameThatBeginsWithACombiningMarkIsFoundWhole() async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", to: fixture.keys.stream("\u{301}x"))
            #expect(try await fixture.client.directory().streams == ["\u{301}x"])
        }
    }

    @Test func anAsteriskUnderACombiningMarkIsEscaped() {
        #expect("a*\u{301}".escapedForGlob.utf8.elementsEqual("a\\*\u{301}".utf8))
    }
}
