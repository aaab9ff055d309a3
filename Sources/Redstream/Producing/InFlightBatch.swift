/// A batch that a pipeline has taken and that is not acknowledged as a whole.
struct InFlightBatch {
    let batch: OutgoingBatch
    /// The entries before this one are acknowledged.
    var position = 0
    /// True if the server may have seen the rest.
    var wasSent = false
    /// True if some of the rest is in the stream although the entries before it are not.
    var isPartlyWritten = false
    /// True if the rest is counted as possibly doubled: once, however often it is sent.
    var isCountedAsDuplicate = false
}
