/// Whether a connection has begun what must end on the same node: WATCH or MULTI.
///
/// What was read under a WATCH on one node must not be acted on at another.
struct Fence {
    private(set) var isUp = false

    /// Notes what is about to be sent.
    ///
    /// - Returns: Whether the commands may be sent on to another node: none is part of a transaction. A WATCH by itself,
    ///   with nothing watched before, may, to where the key has gone for good.
    mutating func passes(_ commands: PipelineCommands) -> Passage {
        let wasUp = isUp
        var begins = false
        for index in commands.commands.indices where (4...7).contains(commands.commands[index].name.count) {
            switch commands.name(of: index) {
            case "WATCH", "MULTI":
                isUp = true
                begins = true
            case "EXEC", "DISCARD", "UNWATCH": isUp = false
            default: break
            }
        }
        if wasUp { return .closed }
        guard begins else { return .open }
        return commands.commands.count == 1 && commands.name(of: 0) == "WATCH" ? .forGood : .closed
    }

    /// Which redirections may be followed.
    enum Passage {
        case open
        case forGood
        case closed

        func allows(_ kind: Redirection.Kind) -> Bool {
            switch self {
            case .open: true
            case .forGood: kind == .moved
            case .closed: false
            }
        }
    }
}
