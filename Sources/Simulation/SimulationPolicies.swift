package import Core

extension PolicySet {
    /// What the shipped policies say, without a file: the simulation opens none.
    package static let simulation = PolicySet(
        policies: [
            Policy(
                name: "edge-republish",
                kinds: DriftKind.allCases.filter { $0.action == .edgeRepublish }.map { KindPattern($0.rawValue) },
                level: .automatic, action: .edgeRepublish, after: Policy.defaultAfter, retry: Policy.defaultRetry,
                except: []),
            Policy(
                name: "clear-stale-operation-lock", kinds: [KindPattern("operation.stale")], level: .automatic,
                action: .clearStaleOperationLock, after: Policy.defaultAfter, retry: Policy.defaultRetry, except: []),
            Policy(
                name: "fail-stuck-operation", kinds: [KindPattern("operation.stuck")], level: .automatic,
                action: .failStuckOperation, after: Policy.defaultAfter, retry: Policy.defaultRetry, except: []),
        ], brakes: .defaults, windows: [],
        notifications: [Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")])
}
