/// How the internal DNS server's listing fails or lies.
package enum TechnitiumFault: String, CaseIterable, Hashable, Sendable {
    case refused
    case timeout
    case invalidToken = "invalid-token"
    case accessDenied = "access-denied"
    /// The zone is not there, and neither is one above it.
    case noSuchZone = "no-such-zone"
    /// The zone is not there, but one above it is: that one is listed, without a word.
    case enclosingZone = "enclosing-zone"
    /// Success, and not one record.
    case empty
    case zoneDisabled = "zone-disabled"
    /// The zone is a copy that somebody else's server fills.
    case secondary
    /// The zone is written to while it is listed: its last record is missing, its serial is the new one.
    case torn
    case staleCopy = "stale-copy"
    case malformed

    /// The words by which a person names a fault: `timeout`, `stale-copy`.
    package init?(_ text: some StringProtocol) { self.init(rawValue: String(text)) }
}
