import Redstream
import RedstreamConnection
import RedstreamSystem

/// An error as the user meets it: what failed and why, what to do about it, and the exit code.
struct Failure: Error, Sendable, Equatable {
    var code: ExitCode
    /// `what failed: why`, without the program's name.
    var message: String
    /// The flag or the next command that helps; nil where nothing is known to.
    var hint: String?

    init(_ code: ExitCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The place where a user reads a hint, and where the remedy is typed.
    enum Place: Sendable {
        case commandLine
        /// A session that has its server already: options of the command line do not change it.
        case shell
    }

    /// The facts beside the error that a hint needs.
    struct Surroundings: Sendable {
        /// The user who lacks rights, and the rights.
        var access: AccessAdvice?
        /// The primary of the server, `host:port`, where that is a replica and tells.
        var primary: String?
        /// The server as it was named.
        var server: RedisConfiguration?
        /// Advice on a name that does not exist: `did you mean products?`.
        var advice: String?
        /// The options and variables that have named the user and the password.
        var credentials: String?
        /// The consumer that must not run meanwhile, by name.
        var stoppedConsumer: String?
        /// True if the work goes on until the error is mended, instead of ending with it.
        var isWaitedOut = false
        var place = Place.commandLine
    }

    /// Turns any error into what the user reads: the one place that does.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - action: What the command was doing, as in "cannot …".
    ///   - surroundings: What else is known.
    init(_ error: any Error, while action: String, in surroundings: Surroundings = Surroundings()) {
        switch error {
        case let failure as Failure: self = failure
        case let error as UnretryableHandlerError:
            self.init(error.underlying, while: action, in: surroundings)
        case let error as HandlerUnavailableError:
            self.init(error.underlying, while: action, in: surroundings)
        case let error as RedisError: self.init(redis: error, while: action, in: surroundings)
        case let error as RedstreamError: self.init(redstream: error, while: action, in: surroundings)
        case let error as SystemError:
            self.init(.failed, "\(action): \(error)", hint: Self.hint(for: error))
        case let error as OutputError:
            let cause: SystemError? = if case .failed(let cause) = error { cause } else { nil }
            self.init(.failed, "\(action): \(error)", hint: cause.flatMap(Self.hint))
        case let error as any FailureConvertible: self = error.failure(while: action)
        case is CancellationError: self.init(.failed, "\(action): cut short")
        default: self.init(.failed, "\(action): \(error)")
        }
    }

    private init(redstream error: RedstreamError, while action: String, in surroundings: Surroundings) {
        let meant = surroundings.advice.map { $0.ends(with: "?") ? "\($0) " : "\($0); " } ?? ""
        switch error {
        case .lockHeld(let holder):
            guard let name = surroundings.stoppedConsumer else {
                self.init(
                    .lockHeld, "\(action): the lock is held by \(holder)",
                    hint: "redstream inspect-offsets shows who holds what")
                return
            }
            self.init(
                .lockHeld, "\(action): \(NameText.shown(name)) \(Self.whereRuns(holder))",
                hint: "stop it (and its standbys) first; redstream inspect-offsets shows who holds what")
        case .memberHeld(let member, let holder):
            let isToStop = surroundings.stoppedConsumer != nil
            self.init(
                .lockHeld, "\(action): \(isToStop ? "\(member) \(Self.whereRuns(holder))" : "\(error)")",
                hint: (isToStop ? "stop it (and its standbys) first; " : "")
                    + "redstream inspect-offsets shows who holds what")
        case .splitKeys(let split):
            let name = split.suggestion.map { "--stream \(NameText.quoted($0)), or " } ?? ""
            self.init(
                .usage, "\(action): \(error)",
                hint: "\(name)--namespace with a part in braces, such as '{shop}', which holds for all streams")
        case .unknownStream:
            self.init(.failed, "\(action): \(error)", hint: "\(meant)redstream inspect-offsets shows which there are")
        case .partOfCluster(let address):
            let url = ServerURL(surroundings.server).ofCluster(at: address)
            self.init(.failed, "\(action): \(error)", hint: "--url \(url) asks all of its nodes")
        case .unreadableOffset(let name):
            self.init(
                .failed, "\(action): \(error)",
                hint: "redstream forget --stream \(NameText.quoted(name.stream)) --name \(NameText.quoted(name.name))"
            )
        case .unknownConsumer(let name):
            self.init(
                .failed, "\(action): \(error)",
                hint:
                    "\(meant)redstream inspect-offsets --stream \(NameText.quoted(name.stream))")
        case .gaveUp(let name, let id, _, _):
            let words = "--stream \(NameText.quoted(name.stream)) --name \(NameText.quoted(name.name))"
            self.init(
                .failed, "\(action): \(error)",
                hint:
                    "--on-failure dead-letter sets such messages aside; redstream seek \(words) --to \(id) skips this one"
            )
        default: self.init(.failed, "\(action): \(error)")
        }
    }

    /// Returns where the holder of a lock runs, as in "indexer runs on web3, pid 15071".
    private static func whereRuns(_ holder: String) -> String {
        HolderIdentity.place(of: holder).map { "runs on \($0.host), pid \($0.processID)" }
            ?? "runs: its lock is held by \(holder)"
    }
}

/// An error that says by itself what the user reads.
protocol FailureConvertible: Error {
    /// Words the error for the user.
    ///
    /// - Parameter action: What the command was doing, as in "cannot …".
    /// - Returns: What the user reads.
    func failure(while action: String) -> Failure
}

extension Console {
    /// Prints a failure and its hint.
    func fail(_ failure: Failure) {
        note(failure.message)
        hint(failure.hint)
    }
}

/// The limits of the system, for the user.
extension Failure {
    /// Says which limit an error of the system tells of; nil for other errors.
    static func hint(for error: SystemError) -> String? {
        error.isOfThread ? threadHint : hint(for: error.code)
    }

    /// Says which limit an error number tells of; nil for other errors.
    static func hint(for code: Int32) -> String? {
        switch code {
        case EMFILE:
            "ulimit -n is \(Resources.openFilesLimit) here: raise it, such as by ulimit -n \(max(256, Resources.openFilesLimit * 4))"
        case ENFILE: "the whole system has too many files open"
        case ENOMEM: "the system is out of memory"
        default: nil
        }
    }

    /// The hint for a thread that is refused.
    static var threadHint: String {
        Resources.threadLimit == .max
            ? "the system has no room for another thread: a container may have a limit of its own"
            : "ulimit -u is \(Resources.threadLimit) here, for all processes of this user: raise it, or end some of them"
    }
}
