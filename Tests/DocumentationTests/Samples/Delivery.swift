import Logging
import Redstream

/// The samples of the articles on guarantees and on the delay.
struct Delivery {
    let client: StreamClient
    let logger: Logger
    let database: ShopDatabase
    let index: SearchIndex

    func waitForReplicas() async throws {
        let message = OutgoingMessage(payload: #"{"id":1}"#.utf8)
        let careful = Producer(client, waitingFor: .init(replicas: 1, timeout: .milliseconds(500)))
        do {
            try await careful.queue([message], on: "products")
        } catch RedstreamError.tooFewReplicas(let written, let acknowledged, let wanted) {
            // The primary has the messages. Sending them again would double them.
            logger.warning("\(written) written, on \(acknowledged) of \(wanted) replicas")
        }
    }

    func bearARepetition() -> Consumer {
        let indexer = Consumer(client, stream: "products", name: "indexer") { batch in
            let ids = Set(try batch.messages.map { try $0.decode(Change.self).id })
            try await index.put(database.items(ids))
        }
        return indexer
    }

    func giveUpAfterTenAttempts() -> Consumer {
        let policy = FailurePolicy(maxAttempts: 10, lastResort: .deadLetter)
        let indexer = Consumer(
            client, stream: "products", name: "indexer", options: Consumer.Options(failurePolicy: policy)
        ) { batch in
            try await index.update(batch.messages)
        }
        return indexer
    }

    func replayDeadLetters() async throws {
        let indexer = ConsumerName(stream: "products", name: "indexer")
        for letter in try await client.deadLetters(of: indexer) {
            guard let origin = letter.origin, origin.replays < 3 else { continue }
            logger.notice("\(letter.message.id) again: \(origin.reason)")
            _ = try await client.replay(letter, of: indexer)
        }
        try await client.forgetReplays(of: indexer)
    }

    func passOverWhatCannotBeRead() -> Consumer {
        let indexer = Consumer(client, stream: "products", name: "indexer") { batch in
            var ids: Set<Int64> = []
            for message in batch.messages {
                do {
                    ids.insert(try message.decode(Change.self).id)
                } catch {
                    // It will not be readable the next time either.
                    logger.error("passed over: \(error)")
                }
            }
            try await index.put(database.items(ids))
        }
        return indexer
    }

    func delayOneStream() -> Delayer {
        let delayer = Delayer(client, stream: "products", delay: .seconds(300)) { moved in
            logger.info("repaired with \(moved.count) messages")
        }
        return delayer
    }

    func delayAllStreams() -> DelayerFleet {
        let delayers = DelayerFleet(client) { stream in
            Delayer(client, stream: stream, delay: stream == "imports" ? .seconds(3600) : .seconds(300))
        }
        return delayers
    }

    func lookAtTheDelayStreams() async throws {
        let report = try await Inspector(client).report()
        for stream in report.streams {
            guard let delay = stream.delay, let overdue = delay.overdue, overdue > .seconds(1) else { continue }
            logger.warning("no delayer serves \(stream.stream): \(delay.length) messages, overdue for \(overdue)")
        }
    }
}
