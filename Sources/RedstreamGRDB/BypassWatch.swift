#if GRDB
/// The rows of streaming records that a transaction has changed by statements that announce nothing.
///
/// A pure value. GRDB asks before each statement which tables are observed, and tells of the rows later, without those of
/// savepoints that were rolled back.
struct BypassWatch {
    /// The changed rows of the transaction, counted by table.
    private(set) var changes: [String: Int] = [:]
    /// The tables of streaming records, in lower case, as SQLite compares names.
    private var tables: Set<String> = []
    /// The tables whose changes are announced at the moment.
    private var covered: [String] = []
    private var told: Set<String> = []

    /// Notices changes of a table from now on.
    mutating func watch(_ table: String) {
        if !tables.contains(table) { tables.insert(table.lowercased()) }
    }

    /// Takes changes of a table for announced, until ``end()``.
    mutating func begin(_ table: String) {
        watch(table)
        covered.append(table.lowercased())
    }

    /// Ends what ``begin(_:)`` began last.
    mutating func end() {
        covered.removeLast()
    }

    /// Returns true if changes of a table would be unannounced ones now.
    func observes(_ table: String) -> Bool {
        let name = table.lowercased()
        return tables.contains(name) && !covered.contains(name)
    }

    /// Notes a changed row.
    mutating func note(_ table: String) {
        changes[table, default: 0] += 1
    }

    /// Returns the changed tables that were never returned before.
    mutating func untold() -> [String] {
        changes.keys.filter { told.insert($0).inserted }.sorted()
    }

    /// Begins another transaction.
    mutating func forget() {
        changes.removeAll()
    }
}
#endif
