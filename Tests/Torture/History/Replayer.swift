import Redstream
import RedstreamConnection

/// Turns the commands of an append-only file into events, by carrying them out on a model of the keys that matter.
package struct Replayer {
    private enum Meaning {
        case stream(String)
        case delayStream(String)
        case deadLetters(ConsumerName)
        case offset(ConsumerName)
        case lock(Lock)
        case notification(Lock)
    }

    /// The events so far.
    package private(set) var records: [ServerRecord] = []
    private let meanings: [String: Meaning]
    private var streams: [String: StreamModel] = [:]
    /// Locks that were written without their time, which comes in a command of its own (Redis 6.2).
    private var untimed: [Lock: String] = [:]
    /// Reads keys that came from another server; nil where none can come.
    private let dumps: KeyDumps?
    /// True if what is carried out only restates what was there.
    private var isRestating = false
    private var step = 0
    private var isInStep = false
    private var clock: UInt64 = 0

    /// Starts with nothing in the namespace of a cast.
    ///
    /// - Parameters:
    ///   - cast: Whose keys matter.
    ///   - dumps: Reads keys that came from another node of a cluster; nil where none can come.
    package init(_ cast: Cast, dumps: KeyDumps? = nil) {
        self.dumps = dumps
        let keys = Keyspace(namespace: Cast.namespace)
        var meanings: [String: Meaning] = [:]
        func add(_ lock: Lock) {
            meanings[lock.name(in: keys).key.description] = .lock(lock)
            meanings[lock.name(in: keys).notifyKey.description] = .notification(lock)
        }
        for stream in cast.streams {
            meanings[keys.stream(stream).description] = .stream(stream)
            meanings[keys.delayStream(stream).description] = .delayStream(stream)
            meanings[keys.offset(.delayer(of: stream)).description] = .offset(.delayer(of: stream))
            add(.delayer(of: stream))
            add(.trimmer(of: stream))
        }
        for consumer in cast.consumers {
            meanings[keys.offset(consumer).description] = .offset(consumer)
            meanings[keys.deadLetters(consumer).description] = .deadLetters(consumer)
            add(.consumer(consumer))
        }
        self.meanings = meanings
    }

    /// Marks the end of the restated part: the following commands were carried out.
    package mutating func begin() {
        records = records.map { ServerRecord(event: $0.event, step: 0, clock: $0.clock) }
    }

    /// Carries out a command.
    package mutating func carryOut(_ words: [String]) {
        guard let name = words.first?.uppercased() else { return }
        switch name {
        case "MULTI":
            isInStep = true
            step += 1
            return
        case "EXEC":
            isInStep = false
            return
        default: if !isInStep { step += 1 }
        }
        guard words.count > 1 else { return }
        switch name {
        case "DEL", "UNLINK": delete(Array(words.dropFirst()))
        case "XADD": append(words)
        case "XTRIM", "XDEL": remove(words)
        case "SET": set(words)
        case "RESTORE", "RESTORE-ASKING": restore(words)
        case "PEXPIREAT": expire(words[1], at: words.count > 2 ? UInt64(words[2]) ?? 0 : 0)
        default: break
        }
    }

    private mutating func note(_ event: ServerEvent) {
        records.append(ServerRecord(event: event, step: isRestating ? 0 : step, clock: clock))
    }

    /// A key that was moved from another node of a cluster: what was done to it there, stands in that one's history.
    private mutating func restore(_ words: [String]) {
        guard words.count > 3, let meaning = meanings[words[1]], let dumps else { return }
        isRestating = true
        defer { isRestating = false }
        streams[words[1]] = nil
        note(.imported)
        if case .lock(let lock) = meaning { note(.unlocked(lock, released: true)) }
        for command in dumps.commands(of: words) { carryOut(command) }
    }

    private mutating func append(_ words: [String]) {
        guard let meaning = meanings[words[1]],
            let place = words[2...].firstIndex(where: { StreamID($0) != nil }), let id = StreamID(words[place])
        else { return }
        let fields = Array(words[(place + 1)...])
        let payload = fields.indices.first { $0.isMultiple(of: 2) && fields[$0] == "payload" }.map { fields[$0 + 1] }
        // Rewritten files make an empty stream by an entry that does not stay.
        guard words[2].uppercased() != "MAXLEN" else { return }
        clock = max(clock, id.milliseconds)
        streams[words[1], default: StreamModel()].append(id, payload ?? "")
        switch meaning {
        case .stream(let stream): note(.appended(stream: stream, id: id, payload: payload ?? ""))
        case .delayStream(let stream): note(.delayed(stream: stream, id: id, payload: payload ?? ""))
        case .deadLetters(let consumer):
            // The second field of a letter tells which entry it was.
            note(
                .deadLettered(
                    consumer, id: fields.count > 3 ? StreamID(fields[3]) ?? .zero : .zero, payload: payload ?? ""))
        case .offset, .lock, .notification: break
        }
    }

    private mutating func remove(_ words: [String]) {
        guard let meaning = meanings[words[1]] else { return }
        let gone = streams[words[1], default: StreamModel()].remove(words)
        guard !gone.isEmpty else { return }
        switch meaning {
        case .stream(let stream): note(.trimmed(stream: stream, ids: gone.map(\.id)))
        case .delayStream(let stream):
            note(.moved(stream: stream, ids: gone.map(\.id), payloads: gone.map(\.payload)))
        case .deadLetters, .offset, .lock, .notification: break
        }
    }

    private mutating func set(_ words: [String]) {
        guard words.count > 2, let meaning = meanings[words[1]] else { return }
        switch meaning {
        case .offset(let consumer):
            if let id = StreamID(words[2]) { note(.committed(consumer, id)) }
        case .lock(let lock):
            let option = words.firstIndex { $0.uppercased() == "PXAT" }
            guard let option, words.count > option + 1, let time = UInt64(words[option + 1]) else {
                untimed[lock] = words[2]
                return
            }
            taken(lock, by: words[2], until: time)
        case .stream, .delayStream, .deadLetters, .notification: break
        }
    }

    private mutating func expire(_ key: String, at time: UInt64) {
        switch meanings[key] {
        case .lock(let lock):
            if let holder = untimed.removeValue(forKey: lock) { return taken(lock, by: holder, until: time) }
            clock = max(clock, time.saturatingSubtract(Timing.lease))
            note(.renewed(lock, until: time))
        case .notification(let lock):
            let now = time.saturatingSubtract(Timing.notification)
            clock = max(clock, now)
            note(.notified(lock, at: now))
        default: break
        }
    }

    private mutating func taken(_ lock: Lock, by holder: String, until time: UInt64) {
        clock = max(clock, time.saturatingSubtract(Timing.lease))
        note(.locked(lock, holder: holder, until: time))
    }

    private mutating func delete(_ keys: [String]) {
        for key in keys {
            streams[key] = nil
            guard case .lock(let lock) = meanings[key] else { continue }
            // A release removes the notification with the lock; an expiry removes the lock alone.
            note(.unlocked(lock, released: keys.count > 1))
        }
    }
}

extension UInt64 {
    /// The difference; 0 where there is none.
    func saturatingSubtract(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
