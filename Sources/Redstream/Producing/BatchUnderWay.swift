/// A batch that a pipeline has taken and that is not acknowledged as a whole.
struct BatchUnderWay {
    let batch: OutgoingBatch
    /// The entries before this one are acknowledged.
    var position = 0
    /// Whether the server may have seen the rest.
    var wasSent = false
    /// Whether some of the rest is in the stream although what was before it is not.
    var isPartlyWritten = false
    /// Whether the rest is counted as possibly doubled: once, however often it is sent.
    var isCounted = false
}
