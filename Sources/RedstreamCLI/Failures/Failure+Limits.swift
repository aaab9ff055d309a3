import Redstream
import RedstreamSystem

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
