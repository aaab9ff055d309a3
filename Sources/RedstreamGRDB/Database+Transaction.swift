#if GRDB
import GRDB

extension Database {
    /// Runs changes in the transaction that is open, or in one of their own: their messages have to precede its commit.
    func inItsTransaction<Value>(_ changes: () throws -> Value) throws -> Value {
        if isInsideTransaction { return try changes() }
        var value: Value?
        try inTransaction {
            value = try changes()
            return .commit
        }
        guard let value else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
        return value
    }
}
#endif
