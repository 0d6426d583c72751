import Synchronization

/// How many pages a zone had when it was listed last: what the next listing needs, as far as anybody knows.
final class ZoneSize: Sendable {
    private let known = Mutex(1)

    var pages: Int { known.withLock { $0 } }

    func note(pages: Int) { known.withLock { $0 = max(1, pages) } }
}
