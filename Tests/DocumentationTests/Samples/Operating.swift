import Logging
import Redstream
import ServiceLifecycle
import UnixSignals

/// The samples of the articles on offsets, locks and stopping.
struct Operating {
    let client: StreamClient
    let logger: Logger
    let index: SearchIndex

    func startAtTheEnd() -> Consumer {
        let notifier = Consumer(
            client, stream: "products", name: "notifier", options: Consumer.Options(start: .latest)
        ) { batch in
            try await index.update(batch.messages)
        }
        return notifier
    }

    func readAgain() async throws {
        let indexer = ConsumerName(stream: "products", name: "indexer")
        let plan = try await client.planSeek(indexer, to: .earliest)
        logger.notice("\(plan.redelivered) messages will be delivered again")
        try await client.seek(indexer, as: plan)
    }

    func readAgainSince(_ milliseconds: UInt64) async throws {
        let indexer = ConsumerName(stream: "products", name: "indexer")
        let first = StreamID(milliseconds: milliseconds)
        let result = try await client.seek(indexer, to: .offset(first.predecessor ?? .zero))
        logger.notice("from \(result.prior ?? .zero) to \(result.offset)")
    }

    func inspect() async throws {
        let report = try await Inspector(client).report()
        for row in report.consumers where row.verdict == .stopped {
            logger.warning(
                "\(row.consumer.name) of \(row.consumer.stream) is behind by \(row.lag?.value ?? 0) messages")
        }
    }

    func tryOnce(_ indexer: Consumer) async throws {
        do {
            while try await indexer.runOnce() != .empty {}
        } catch RedstreamError.lockHeld(let holder) {
            logger.notice("\(holder) runs this consumer")
        }
    }

    func heedTheLease() -> Consumer {
        let indexer = Consumer(client, stream: "products", name: "indexer") { batch in
            for message in batch.messages {
                try Task.checkCancellation()
                try await index.update(message)
            }
        }
        return indexer
    }

    func stopInTime(_ indexer: Consumer, _ delayer: Delayer) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [indexer, delayer], gracefulShutdownSignals: [.sigterm], cancellationSignals: [.sigint],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }

    func endAtTheEnd() async throws {
        let end = try await client.lastID(of: "products") ?? .zero
        let rebuild = Consumer(
            client, stream: "products", name: "rebuild", options: Consumer.Options(limits: ReadLimits(end: end))
        ) { batch in
            try await index.update(batch.messages)
        }
        try await rebuild.run()
    }

    func endInAGroup(_ rebuild: Consumer, _ delayer: Delayer) async throws {
        let configuration = ServiceGroupConfiguration(
            services: [
                .init(service: rebuild, successTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: delayer),
            ], logger: logger)
        try await ServiceGroup(configuration: configuration).run()
    }

    func giveUp(_ write: @escaping @Sendable ([Message]) throws -> Void) -> Consumer {
        let exporter = Consumer(client, stream: "products", name: "exporter") { batch in
            do {
                try write(batch.messages)
            } catch {
                // Nobody reads the output any more: to try again is no use.
                throw UnretryableHandlerError(error)
            }
        }
        return exporter
    }
}
