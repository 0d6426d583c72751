/// One running process, as the lock and the leadership row name it: a UUID that is made anew at each start.
package struct HolderID: Hashable, Sendable, CustomStringConvertible {
    private let uuid: ExternalID

    /// Reads the 36-character form in either case.
    package init?(_ text: some StringProtocol) {
        guard let uuid = ExternalID(text) else { return nil }
        self.uuid = uuid
    }

    /// A random one (RFC 9562, version 4).
    package init(using source: inout some RandomNumberGenerator) {
        uuid = ExternalID(
            high: source.next() & ~0xf000 | 0x4000, low: source.next() & ~(0b11 << 62) | 0b10 << 62)
    }

    package var description: String { uuid.description }
}

/// What this process writes into the lock: who it is, so that another controller's lock is told from a foreign value.
package struct LockToken: Hashable, Sendable {
    /// The installation: the configuration's `id`.
    package let id: String
    package let holder: HolderID

    private static let prefix = "zlh-controller/"

    package init(id: String, holder: HolderID) {
        self.id = id
        self.holder = holder
    }

    /// Nil for a value that no controller wrote.
    package init?(_ text: String) {
        guard text.hasPrefix(LockToken.prefix), let slash = text.lastIndex(of: "/") else { return nil }
        let body = text.dropFirst(LockToken.prefix.count)
        guard slash >= body.startIndex, let holder = HolderID(text[text.index(after: slash)...]) else { return nil }
        self.init(id: String(text[body.startIndex..<slash]), holder: holder)
    }

    package var text: String { "\(LockToken.prefix)\(id)/\(holder)" }
}

/// Who has the lock.
package struct LockHolder: Hashable, Sendable {
    package enum Who: Hashable, Sendable {
        case nobody
        case controller(LockToken)
        /// A value that no controller wrote, which is what the old controller writes. Its text stays unsaid: whoever knows a
        /// lock's value can release it.
        case foreign(bytes: Int)
        /// The key is no string: nobody's lock, and in the way.
        case noLock
    }

    package var who: Who
    /// How long the key lives yet; nil when it never expires.
    package var expires: Span?

    package init(_ who: Who, expires: Span? = nil) {
        self.who = who
        self.expires = expires
    }
}
