import RedstreamSystem

/// The limits under a sanitizer, as `make sanitize` runs the tests: everything is slower and larger.
package enum Sanitizer {
    /// True if the tests, and the programs that they start, are built with one.
    package static let isOn = getenv("REDSTREAM_SANITIZER") != nil

    /// The factor by which anything may take longer.
    package static let slowness = isOn ? 5 : 1
}
