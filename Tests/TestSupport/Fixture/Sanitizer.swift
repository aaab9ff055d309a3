import RedstreamSystem

/// What changes under a sanitizer, as `make sanitize` runs the tests: everything is slower and larger.
package enum Sanitizer {
    /// Whether the tests, and the programs that they start, are built with one.
    package static let isOn = getenv("REDSTREAM_SANITIZER") != nil

    /// How many times longer anything may take.
    package static let slowness = isOn ? 5 : 1
}
