package import Redstream

/// The roles of a run, and their keys.
package struct Cast: Sendable {
    /// The namespace of all keys.
    package static let namespace = "torture"
    /// The age at which delay messages move.
    package static let delay = Duration.seconds(2)

    /// The streams.
    package let streams: [String]
    /// The names of the consumers of each stream.
    package let consumerNames = [indexer, cacher]
    /// All roles; consumers come first.
    package let roles: [Role]

    /// A consumer that gives up what keeps failing, to its dead letters.
    package static let indexer = "indexer"
    /// A consumer that tries for ever, and whose handler takes everything in the end.
    package static let cacher = "cacher"

    /// Makes the cast of a run.
    ///
    /// - Parameters:
    ///   - streams: The streams' names.
    ///   - instances: How many processes each consumer, the delayer and the trimmer have.
    ///   - producers: How many producers each stream has, besides one that writes delay messages.
    package init(streams: [String], instances: Int, producers: Int) {
        self.streams = streams
        var roles: [Role] = []
        for stream in streams {
            for name in consumerNames {
                roles.append(.consumer(ConsumerName(stream: stream, name: name), instances: instances))
            }
        }
        roles.append(.delayer(of: streams, instances: instances))
        roles.append(.trimmer(of: streams, protecting: consumerNames, instances: instances))
        for stream in streams {
            for number in 1...producers { roles.append(.producer(number, stream: stream, isDelayed: false)) }
            roles.append(.producer(producers + 1, stream: stream, isDelayed: true))
        }
        self.roles = roles
    }

    /// The consumers of all streams.
    package var consumers: [ConsumerName] {
        streams.flatMap { stream in consumerNames.map { ConsumerName(stream: stream, name: $0) } }
    }
}
