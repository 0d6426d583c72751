/// The brake on quarrels: a drift that was repaired so often within so short a time, each time seen to be right, and that is
/// there again, is somebody else's doing. It is left alone until as long a time has passed without a repair of it.
package enum Contested {
    package static func hold(_ drift: Drift, repaired: [Timestamp], brakes: Brakes, at now: Timestamp) -> Hold? {
        let times = repaired.sorted()
        guard let last = times.last, times.count >= max(1, brakes.contestedReverts) else { return nil }
        let first = times[times.count - max(1, brakes.contestedReverts)]
        guard last - first <= brakes.contestedWithin, now - last <= brakes.contestedWithin else { return nil }
        let many = times.count { $0 >= first }
        let end = last + brakes.contestedWithin
        return Hold(
            .contested,
            "repaired \(many) times within \(brakes.contestedWithin) and undone each time; whoever undoes it leaves: "
                + "\(drift.observed); \(writer(drift.kind.plane)); left alone until \(end)", until: end)
    }

    /// Who the other writer is, as far as the system tells.
    private static func writer(_ plane: Plane) -> String {
        switch plane {
        case .publicDNS, .internalDNS: "a zone's listing names no author of a record"
        case .velocity: "the proxy does not tell who registers"
        default: "the row does not tell who wrote it"
        }
    }
}
