/// The requests of one attempt, each sent once: of surplus every record is one.
struct EdgeRequests: Equatable, Sendable {
    /// What a look between two of them says of the rest.
    enum Standing: Equatable, Sendable {
        /// What was sent is done, and what is left is still to be done.
        case due
        /// The listing still shows what the service said it removed.
        case late
        /// Something else has changed.
        case moved
        case unreadable(String)
    }

    private let all: [EdgeWrite]
    private(set) var left: [EdgeWrite]
    /// When the first one was sent.
    var begunAt: Timestamp?
    /// Whether there is another one after the one that was answered.
    var goesOn = false
    /// Why this side would not send the rest: what was not tried is no attempt in vain.
    private(set) var halted: String?

    init(_ writes: [EdgeWrite]) { (all, left) = (writes, writes) }

    /// Whether the first one was taken out, and no other.
    var isAtFirst: Bool { left.count == all.count - 1 }

    mutating func next() -> EdgeWrite {
        goesOn = false
        return left.removeFirst()
    }

    /// It was asked for and not sent, and neither is the rest.
    mutating func putBack(_ write: EdgeWrite?, why: String) {
        left = (write.map { [$0] } ?? []) + left
        halt(why)
    }

    mutating func halt(_ why: String) { (halted, goesOn) = (why, false) }

    func standing(_ sight: EdgeSight, of change: EdgeChange) -> Standing {
        if case .unreadable(let why) = sight { return .unreadable(why) }
        let wanted = change.remaining(sight)
        if wanted == left { return .due }
        return wanted == Array(all.suffix(left.count + 1)) ? .late : .moved
    }

    /// How many of them are done, where the first of them are, and nothing else has changed; nil otherwise.
    func done(_ sight: EdgeSight, of change: EdgeChange) -> Int? {
        let wanted = change.remaining(sight)
        let isRest = !wanted.isEmpty && wanted.count < all.count && wanted == Array(all.suffix(wanted.count))
        return isRest ? all.count - wanted.count : nil
    }

    /// Whether all that was sent before this side stopped is done, and nothing else has changed.
    func showsWhatWasSent(_ sight: EdgeSight, of change: EdgeChange) -> Bool {
        halted != nil && change.remaining(sight) == left
    }
}
