#if GRDB
import GRDB
import Synchronization

/// Finds the streamer of a database, which the callbacks of records are not given.
enum ObserverRegistry {
    /// True if changes need no streamer, in a database that has none.
    @TaskLocal static var isMuted = false

    /// A streamer that its database keeps alive.
    ///
    /// Unchecked, because a streamer is no value to share: it is only used on the queue of the database whose identity
    /// is its key, and by its own `deinit`, which compares nothing but identities.
    private struct Entry: @unchecked Sendable {
        weak var streamer: ChangeObserver?
    }

    private static let all = Mutex<[ObjectIdentifier: Entry]>([:])

    /// The streamer of a database; called on that database's queue.
    static func streamer(of db: Database) -> ChangeObserver? {
        all.withLock { $0[ObjectIdentifier(db)] }?.streamer
    }

    /// Notes the streamer of a database.
    static func set(_ streamer: ChangeObserver, for db: Database) {
        let entry = Entry(streamer: streamer)
        all.withLock { all in
            // Databases that were closed meanwhile left nothing but their places.
            all = all.filter { $0.value.streamer != nil }
            all[ObjectIdentifier(db)] = entry
        }
    }
}
#endif
