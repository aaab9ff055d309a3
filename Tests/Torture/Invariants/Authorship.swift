import Redstream

/// Checks that changes under a lock are the work of the process that holds it.
///
/// The server does not record who sent a command. But a commit names an entry, and the handlers' own records say which
/// process has handled that one; and a lock's value names the process that holds it.
enum Authorship {
    static func violations(in history: History) -> [Violation] {
        let processes = ProcessTable(history)
        var ends: [ConsumerName: [StreamID: Set<String>]] = [:]
        for (consumer, batches) in history.batches {
            for batch in batches {
                guard let last = batch.entries.last?.id else { continue }
                ends[consumer, default: [:]][last, default: []].insert(batch.process)
            }
        }
        return history.segments.flatMap { segment in
            var holders: [Lock: History.Process] = [:]
            var givenUp: Set<StreamID> = []
            var found: [Violation] = []
            for record in segment.records {
                switch record.event {
                case .locked(let lock, let holder, let until):
                    let process = processes.process(of: holder, at: until.saturatingSubtract(Timing.lease))
                    holders[lock] = process
                    guard record.step > 0 else { continue }
                    if process == nil {
                        found.append(Violation(.exclusion, "the lock of \(lock) was taken by a stranger, \(holder)"))
                    } else if let process, !mayHold(lock, process, history.cast) {
                        found.append(Violation(.exclusion, "the lock of \(lock) was taken by \(process.name)"))
                    }
                case .renewed(let lock, let until):
                    guard record.step > 0, let process = holders[lock], let end = process.end else { continue }
                    let now = until.saturatingSubtract(Timing.lease)
                    // What it had sent may be carried out after its end, by a server that could not before.
                    guard now > end + Timing.promptness, !history.isServerDisturbed(within: Span(end, now))
                    else { continue }
                    found.append(
                        Violation(
                            .exclusion,
                            "the lock of \(lock) was renewed \(now - end) ms after its holder \(process.name) had ended"
                        ))
                case .deadLettered(_, let id, _): givenUp.insert(id)
                case .committed(let consumer, let id):
                    guard record.step > 0, id > .zero, consumer.name != "delayer", !givenUp.contains(id),
                        let holder = holders[.consumer(consumer)]
                    else { continue }
                    if ends[consumer]?[id]?.contains(holder.name) != true {
                        found.append(
                            Violation(
                                .exclusion,
                                "\(id) was committed for \(consumer.name) of \(consumer.stream) while \(holder.name) held the lock, whose handler had not handled it"
                            ))
                    }
                default: break
                }
            }
            return found
        }
    }

    /// The process id in a lock's value, `<random hex>@<host>:<pid>`.
    static func processID(of holder: String) -> Int32? {
        holder.split(separator: ":").last.flatMap { Int32($0) }
    }

    private static func mayHold(_ lock: Lock, _ process: History.Process, _ cast: Cast) -> Bool {
        guard let role = cast.roles.first(where: { $0.name == process.role }) else { return false }
        if case .trim(let streams, _) = role.work, case .trimmer(let stream) = lock { return streams.contains(stream) }
        return role.locks.contains(lock)
    }
}

extension History {
    /// Returns true if a fault met the server or all connections within a span.
    func isServerDisturbed(within span: Span) -> Bool {
        disturbances.contains { $0.process == nil && $0.span.overlaps(span) } || stalled(within: span) > 0
    }
}
