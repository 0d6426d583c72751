package import Core

/// Whoever can read one name of one service afresh, and change it.
package protocol EdgeHand: Sendable {
    /// What stands at a canonical name. What cannot be believed is ``EdgeSight/unreadable(_:)``, never empty.
    func look(at name: String, timeout: Span) async -> EdgeSight
    /// Looks once more, compares, and then sends one request that changes something. It is never repeated.
    ///
    /// - Parameter timeout: for both together.
    func write(_ write: EdgeWrite, timeout: Span) async -> WriteAnswer
}
