/// The end of reading a line.
package enum LineOutcome: Sendable, Equatable {
    /// A line, or several where a quote was open or text was pasted; without the last line feed.
    case line([UInt8])
    /// Ctrl-C: what was typed is to be forgotten.
    case interrupted
    /// Ctrl-D, or the end of the input.
    case ended
}
