import Testing

/// The demonstration that a newcomer runs first.
///
/// Each demonstration compares its databases itself, and fails where they differ.
@Suite(.timeLimit(.minutes(4))) struct DemoTests {
    @Test func theCataloguesIndexFollowsThePrimaryThroughALostMessage() async throws {
        let output = try await ExampleScript.runDemo(of: "catalogue")
        // The message that was never sent is missed first, and repaired by its delay message.
        #expect(output.contains(" 1 of them or of the index's differ"))
        #expect(output.contains("The index equals the primary"))
    }

    @Test func theShopsSecondariesFollowThroughACrash() async throws {
        let output = try await ExampleScript.runDemo(of: "shop")
        #expect(output.contains("index: 499 products, 1 differ: 3\n"))
        #expect(output.contains("3 blue wombat: Number 2 of our bicycles, made of brass."))
        #expect(output.contains("The index and the cache equal the primary."))
    }

    @Test func aPoisonMessageCostsTheOthersOfItsBatchItsRetriesOnly() async throws {
        let output = try await ExampleScript.runDemo(of: "poison")
        #expect(output.contains("The other 999 were handled, each once and in order: "))
        // Three times the batch, then ten halves of it that have the message, and ten that have not.
        #expect(output.contains("23 calls of the handler, of which 13 failed; "))
        #expect(output.contains("replayed 0 messages to products\n"))
        #expect(output.contains("Handled now: 637."))
    }

    @Test func aCopyFollowsPostgreSQLThroughACrash() async throws {
        let output = try await ExampleScript.runDemo(of: "postgres")
        // The change that failed says so, and leaves no difference; the process that died leaves one for each row.
        #expect(output.contains("the command failed (exit 1): nothing is queued"))
        #expect(output.contains("Compared: 1999 rows in the primary, 360 differ."))
        #expect(output.contains("The copy equals the primary."))
    }
}
