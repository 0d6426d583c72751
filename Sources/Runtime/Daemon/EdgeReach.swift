package import Core

/// Whoever can look at one name of the edge and change it: the real services, or simulated ones.
package protocol EdgeReach: Sendable {
    /// Waits until the service may be asked as often as one attempt needs; why not, when that takes longer than `timeout`.
    func obstacle(to change: EdgeChange, within timeout: Span) async -> String?
    /// Reads one name afresh. What cannot be believed is ``EdgeSight/unreadable(_:)``, never empty.
    func look(at change: EdgeChange, timeout: Span) async -> EdgeSight
    /// Sends one change, once. Its answer or the lack of it comes within `timeout`.
    func write(_ write: EdgeWrite, timeout: Span) async -> WriteAnswer
}
