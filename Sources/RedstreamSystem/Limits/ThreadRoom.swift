/// The threads that the limits of Linux are known to leave for this process: a decision on what the system's files tell.
struct ThreadRoom {
    /// The most threads of the user.
    let limit: Int
    /// Returns the text of a file; nil if it cannot be read.
    let text: (_ path: String) -> String?

    /// Returns whether so many threads are sure to be had, so that none has to be tried.
    func isSure(of count: Int) -> Bool {
        // The threads of the whole system: a user has no more than these.
        let words = text("/proc/loadavg")?.split(separator: " ") ?? []
        guard words.count > 3, let all = words[3].split(separator: "/").last.flatMap({ Int($0) }),
            limit - all >= count, let groups = text("/proc/self/cgroup")
        else { return false }
        return groups.split(separator: "\n").allSatisfy { isSure(of: count, inGroup: $0) }
    }

    /// Returns whether a control group and those around it leave so many threads, given its line `8:pids:/user`.
    private func isSure(of count: Int, inGroup line: Substring) -> Bool {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return false }
        let isUnified = parts[1].isEmpty
        guard isUnified || parts[1].split(separator: ",").contains("pids") else { return true }
        let root = "/sys/fs/cgroup" + (isUnified ? "" : "/pids")
        // A mount that shows another part of the tree tells nothing.
        guard !parts[2].contains(".."), isUnified || text(root + "/cgroup.procs") != nil else { return false }
        var path = parts[2]
        while true {
            // The root of the tree has no limit.
            if let most = text("\(root)\(path)/pids.max").flatMap(Self.number) {
                guard let taken = text("\(root)\(path)/pids.current").flatMap(Self.number), most - taken >= count else {
                    return false
                }
            }
            guard let slash = path.lastIndex(of: "/") else { return true }
            path = path[..<slash]
        }
    }

    /// Returns the number in a file; nil for `max`.
    private static func number(in text: String) -> Int? {
        text.split(separator: "\n").first.flatMap { Int($0) }
    }
}
