/// What came of a write. Only a fresh read says whether it is there.
package enum WriteAnswer: Equatable, Sendable {
    /// The service says that it did it. The id is that of the record, where the service has ids.
    case done(id: String?, note: String)
    /// The service says, in words that can be shown, that it did nothing.
    case refused(String)
    /// The same, of everything that were asked by now: no answer to this change, and no attempt at it.
    case turnedAway(String)
    /// What was to be changed is not there, or is not as it was: nothing was done.
    case moved(String)
    /// No answer, or one that does not say whether it was done.
    case unknown(String)
}

/// What stands at one name at this moment, freshly read and believed.
package enum EdgeSight: Equatable, Sendable {
    /// All records at the name, of whatever type.
    case records([DNSRecord])
    /// All that the proxy knows under the name.
    case backends([VelocityReading.Backend])
    case unreadable(String)
}
