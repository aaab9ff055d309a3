/// The processes that the values of locks name: the system gives a number to another process once its first has ended.
struct ProcessTable {
    private let processes: [Int32: [History.Process]]

    init(_ history: History) {
        processes = Dictionary(grouping: history.processes) { $0.processID }
    }

    /// The process that had the number in a holder's value at a time, in milliseconds since 1970.
    ///
    /// - Returns: The last that had been started by then; nil where the number is a stranger's.
    func process(of holder: String, at time: UInt64) -> History.Process? {
        let candidates = Authorship.processID(of: holder).flatMap { processes[$0] } ?? []
        return candidates.filter { $0.start <= time }.max { $0.start < $1.start }
    }
}
