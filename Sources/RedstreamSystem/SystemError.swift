/// A call of the operating system that failed.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The thing that could not be done, such as `cannot start a thread`.
    package let action: String
    /// The error number, as `errno` has it.
    package let code: Int32

    /// True if the system refused a thread.
    private(set) package var isOfThread = false

    /// Creates an error from an error number: by default that of the last call on this thread.
    package init(_ action: String, code: Int32 = errno) {
        self.action = action
        self.code = code
    }

    /// True if this process or the system has too few descriptors, processes or memory, which may pass.
    package var isLackOfResources: Bool { [EMFILE, ENFILE, EAGAIN, ENOMEM, ENOBUFS].contains(code) }

    /// The error of a thread that the system refuses.
    package static func ofThread(code: Int32) -> SystemError {
        var error = SystemError("cannot start a thread", code: code)
        error.isOfThread = true
        return error
    }

    /// The reason in the words of the system.
    package var reason: String { Self.text(of: code) }

    /// The failed action and the reason.
    package var description: String { "\(action): \(reason)" }

    /// Returns what the system says about an error number.
    package static func text(of code: Int32) -> String {
        String(cString: strerror(code))
    }
}
