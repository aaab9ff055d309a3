/// Tracks whether a connection is between WATCH or MULTI and the end of the transaction, which must be on the same node.
///
/// Values that were read under a WATCH on one node say nothing about another node.
struct TransactionTracker {
    private(set) var isOpen = false

    /// Notes commands that are about to be sent.
    ///
    /// - Returns: The redirections that they may follow. A WATCH by itself, with nothing watched before, may go to the node
    ///   that has the key for good.
    mutating func willSend(_ commands: PipelineCommands) -> RedirectPolicy {
        let wasOpen = isOpen
        var begins = false
        // The names below, without a text for each message that is written.
        for index in commands.commands.indices
        where (4...7).contains(commands.commands[index].name.count)
            && commands.name(of: index, beginsWithOneOf: "wmedu".utf8)
        {
            switch commands.name(of: index) {
            case "WATCH", "MULTI":
                isOpen = true
                begins = true
            case "EXEC", "DISCARD", "UNWATCH": isOpen = false
            default: break
            }
        }
        if wasOpen { return .none }
        guard begins else { return .all }
        return commands.commands.count == 1 && commands.name(of: 0) == "WATCH" ? .movedOnly : .none
    }

    /// The redirections that may be followed.
    enum RedirectPolicy {
        case all
        case movedOnly
        case none

        func allows(_ kind: Redirection.Kind) -> Bool {
            switch self {
            case .all: true
            case .movedOnly: kind == .moved
            case .none: false
            }
        }
    }
}
