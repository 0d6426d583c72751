/// How Cloudflare's record listing fails or lies.
package enum CloudflareFault: Hashable, Sendable {
    case refused
    case timeout
    case serverError
    case unauthorized
    case rateLimited
    /// A page in the middle comes back empty, with the counts of a whole listing.
    case pageLost(Int)
    /// `total_count` is one more from the second page on: somebody adds records meanwhile.
    case countChanges
    /// From the second page on everything is shifted by one: the last of a page is the first of the next one too.
    case duplicateAcrossPages
    /// The last records of each page are cut off, its count is not.
    case truncated
    case staleCopy
    /// The records are those of another zone.
    case wrongZone
    /// 200, success, and not one record.
    case empty
    case malformed
    /// A record is listed only so many seconds after it was made; by its id it is there at once.
    case lateListing(Int)

    /// The words by which a person names a fault: `timeout`, `page-lost:2`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", maxSplits: 1)
        if parts.count == 2, parts[0] == "page-lost", let page = Int(parts[1]) {
            self = .pageLost(page)
        } else if parts.count == 2, parts[0] == "late-listing", let seconds = Int(parts[1]) {
            self = .lateListing(seconds)
        } else if let simple = CloudflareFault.simple[String(text)] {
            self = simple
        } else {
            return nil
        }
    }

    package static let simple: [String: CloudflareFault] = [
        "refused": .refused, "timeout": .timeout, "server-error": .serverError, "unauthorized": .unauthorized,
        "rate-limited": .rateLimited, "count-changes": .countChanges, "duplicate": .duplicateAcrossPages,
        "truncated": .truncated, "stale-copy": .staleCopy, "wrong-zone": .wrongZone, "empty": .empty,
        "malformed": .malformed,
    ]
}
