import RedstreamSystem

/// A descriptor that is closed once nobody uses it any more.
///
/// A thread that goes on reading a number that was closed reads what has that number by then: it took the output of
/// another test's terminal, or the reply on another test's connection.
package final class OwnedDescriptor: Sendable {
    /// The number, as long as this object is held.
    package let number: Int32

    /// Takes over a descriptor.
    package init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }
}
