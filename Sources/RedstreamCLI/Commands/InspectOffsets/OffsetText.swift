import Redstream

extension StreamID {
    /// The id as a table shows it if it is an offset: `before 2026-11-20 00:00` for one to which `seek --to` a time leads.
    ///
    /// Such an offset is the highest id of a millisecond. It is 34 characters wide, and says nothing to a reader.
    var shownAsOffset: String {
        guard sequence == .max, milliseconds < .max, let time = LocalTime.text(milliseconds: milliseconds + 1) else {
            return description
        }
        return "before \(time)"
    }
}
