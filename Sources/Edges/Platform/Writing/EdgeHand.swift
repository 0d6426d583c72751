package import Core

/// Whoever can read one name of one service afresh, and change it.
package protocol EdgeHand: Sendable {
    /// Waits until the service may be asked as often as one attempt needs; why not, when that takes longer than `timeout`.
    ///
    /// - Parameter creates: whether the change makes something that is not there.
    func obstacle(creates: Bool, within timeout: Span) async -> String?
    /// What stands at a canonical name. What cannot be believed is ``EdgeSight/unreadable(_:)``, never empty.
    func look(at name: String, timeout: Span) async -> EdgeSight
    /// Looks once more, compares, and then sends one request that changes something. It is never repeated.
    ///
    /// - Parameter timeout: for both together.
    func write(_ write: EdgeWrite, timeout: Span) async -> WriteAnswer
}

extension EdgeHand {
    /// A service of one's own may be asked as often as one likes.
    package func obstacle(creates: Bool, within timeout: Span) async -> String? { nil }
}
