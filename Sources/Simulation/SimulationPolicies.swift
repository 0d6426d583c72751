package import Core

extension PolicySet {
    /// What the shipped policies say about the edge, without a file: the simulation opens none.
    package static let simulation = PolicySet(
        policies: [
            Policy(
                name: "edge-republish",
                kinds: DriftKind.allCases.filter { $0.action == .edgeRepublish }.map { KindPattern($0.rawValue) },
                level: .automatic, action: .edgeRepublish, after: Policy.defaultAfter, retry: Policy.defaultRetry,
                except: [])
        ], brakes: .defaults, windows: [], notifications: [])
}
