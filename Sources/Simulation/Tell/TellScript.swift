/// What goes wrong in a run of messages that leaves nothing to chance: the fate of each I/O, which are the claim of a request, the
/// request, and the writing down of its end.
package struct TellScript: Sendable {
    package var fates: [Int: Script.Fate]
    /// The I/O before which leadership passes to the other process; the old one does not hear of it.
    package var deposedBefore: Int?
    /// I/Os so far.
    package private(set) var steps = 0

    package init(fates: [Int: Script.Fate] = [:], deposedBefore: Int? = nil) {
        self.fates = fates
        self.deposedBefore = deposedBefore
    }

    mutating func next() -> (fate: Script.Fate?, isDeposed: Bool) {
        steps += 1
        return (fates[steps], deposedBefore == steps)
    }
}
