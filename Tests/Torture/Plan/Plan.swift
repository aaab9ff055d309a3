import TestSupport

/// The faults of a run in their order: the same seed gives the same ones.
///
/// Rounds come in turn: a storm, in which faults overlap as they may; then, once all have settled, a single fault, so
/// that takeovers can be measured which nothing else disturbs. The kinds of faults are dealt like cards: each comes
/// once before any comes again.
package struct Plan: Sequence, IteratorProtocol, Sendable {
    /// Faults that belong together.
    package struct Round: Sendable, Equatable {
        /// From 1.
        package let number: Int
        /// The faults, each with when it starts.
        package let steps: [Step]
        /// True if nothing else is disturbed meanwhile.
        package var isClean: Bool { steps.count == 1 }
    }

    /// A fault and when it starts, counted from the start of its round.
    package struct Step: Sendable, Equatable {
        package let start: Duration
        package let fault: Fault
    }

    private static let stormSize = 4
    private static let stormLength = Duration.seconds(2)

    private let roles: [Role]
    private let kinds: [Fault.Kind]
    private var random: SeededGenerator
    private var number = 0
    private var deck: [Fault.Kind] = []

    /// Makes the plan of a seed.
    ///
    /// - Parameters:
    ///   - seed: What tells it from others.
    ///   - roles: Who may be disturbed.
    ///   - kinds: Which kinds of faults there are in the deployment.
    package init(seed: UInt64, roles: [Role], kinds: [Fault.Kind]) {
        self.roles = roles
        self.kinds = kinds
        random = SeededGenerator(state: seed)
    }

    /// The next round; there is always one.
    package mutating func next() -> Round? {
        number += 1
        if number.isMultiple(of: 2) { return Round(number: number, steps: [Step(start: .zero, fault: cleanFault())]) }
        let steps = (0..<Self.stormSize).map { _ in
            let start = Self.stormLength * Double.random(in: 0..<1, using: &random)
            return Step(start: start, fault: fault(of: deal()))
        }
        return Round(number: number, steps: steps.sorted { $0.start < $1.start })
    }

    private mutating func deal() -> Fault.Kind {
        if deck.isEmpty { deck = kinds.shuffled(using: &random) }
        return deck.removeLast()
    }

    /// A takeover, by turns after a kill and after a graceful stop.
    private mutating func cleanFault() -> Fault {
        number.isMultiple(of: 4) ? .kill(holder()) : .terminate(holder())
    }

    /// The holder of a lock for which others stand by.
    private mutating func holder() -> Target {
        let standing = roles.filter { $0.hasStandby }
        return Target(role: (standing.randomElement(using: &random) ?? roles[0]).name, pick: .holder)
    }

    private mutating func fault(of kind: Fault.Kind) -> Fault {
        switch kind {
        case .kill: .kill(target())
        case .terminate: .terminate(target())
        // Longer than a lease, it is to meet somebody who has one.
        case .freeze:
            Bool.random(using: &random)
                ? .freeze(target(), for: duration(50, 800)) : .freeze(holder(), for: duration(5_500, 7_000))
        case .cut: .cut(target())
        case .truncate: .truncate(target(), afterBytes: Int.random(in: 1...40, using: &random))
        case .delay: .delay(target(), by: duration(20, 1_500), for: duration(200, 2_500))
        case .serverKill: .serverKill(downFor: duration(0, 1_500))
        case .serverFreeze: .serverFreeze(for: duration(100, 2_000))
        case .clientKill: .clientKill
        case .scriptFlush: .scriptFlush
        case .memoryFull: .memoryFull(for: duration(200, 1_500))
        case .diskFull: .diskFull(for: duration(0, 1_000))
        case .failover: .failover(Fault.Failover.allCases.randomElement(using: &random) ?? .afterKill)
        case .reshard: .reshard
        }
    }

    private mutating func target() -> Target {
        let role = roles[Int.random(in: 0..<roles.count, using: &random)]
        let isHolder = role.hasStandby && Bool.random(using: &random)
        return Target(
            role: role.name,
            pick: isHolder ? .holder : .instance(Int.random(in: 0..<role.instances, using: &random)))
    }

    private mutating func duration(_ least: Int, _ most: Int) -> Duration {
        .milliseconds(Int.random(in: least...most, using: &random))
    }
}
