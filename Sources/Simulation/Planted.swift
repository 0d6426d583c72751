import Core
import World

/// In a world that holds still and tells the truth, a report finds what was planted and nothing else.
enum Planted {
    static func check(_ report: Report, estate: Estate) -> [String] {
        var violations: [String] = []
        let bulk = report.unknown.contains { $0.reason == .bulkAbsence || $0.reason == .bulkOrphans }
        let orphansDoubted = report.unknown.contains {
            [.createWithoutVMID, .unreadableRow, .bulkOrphans].contains($0.reason)
        }
        let found = Set(report.decisions.map { Key($0.drift) })
        let planted = Set(estate.story.map { Key(kind: $0.kind, vmid: $0.vmid, place: $0.queue ?? $0.node) })
        let mismatched = Set(planted.filter { $0.kind == .containerIdentityMismatch }.compactMap(\.vmid))

        for key in planted.subtracting(found).sorted() {
            let agentsFailed = report.coverage.contains { $0.plane == .agents && $0.status == .failed }
            if agentsFailed && [Plane.agents, .velocity].contains(key.kind.plane) { continue }
            if bulk && key.kind == .containerMissing { continue }
            if isInTheDark(key, estate) { continue }
            let orphans: [DriftKind] = [.containerOrphan, .publicOrphan, .internalOrphan, .velocityGhost]
            if orphansDoubted && orphans.contains(key.kind) { continue }
            // Somebody may be acting on what was planted to rest.
            if key.kind == .containerStopped, let vmid = key.vmid, isOwned(vmid, in: estate) { continue }
            // What the database says of an operation does not depend on its server's row.
            let isOperation = key.kind == .operationStale || key.kind == .operationStuck
            guard !isOperation, let vmid = key.vmid, let row = estate.instance(vmid) else {
                violations.append("\(key) was planted and not found")
                continue
            }
            // What follows from the rows and not from the story: a suspended customer's edge, a row that is not active.
            if row.status == .active && !Truth.isSuppressed(vmid, in: estate) && !mismatched.contains(vmid) {
                violations.append("\(key) was planted and not found")
            }
        }
        for key in found.subtracting(planted).sorted() {
            // These follow from billing rows and operations that the draft adds at random, without a story.
            if [.containerSuspendedRunning, .operationUncertain].contains(key.kind) { continue }
            // A moved guest may have been planted with another deviation of the same server.
            violations.append("\(key) was found and never planted")
        }
        return violations
    }

    /// Whether it could be seen only on a node that is down.
    private static func isInTheDark(_ key: Key, _ estate: Estate) -> Bool {
        guard let vmid = key.vmid,
            [.proxmox, .agents, .velocity].contains(key.kind.plane) || key.kind == .operationStuck
        else { return false }
        let node = estate.guest(vmid)?.node ?? estate.instance(vmid)?.node
        return estate.cluster.nodes.contains { !$0.isOnline && ($0.name == node || node == nil) }
    }

    /// Whether an operation is called live and not dead.
    private static func isOwned(_ vmid: VMID, in estate: Estate) -> Bool {
        let dead = estate.story.contains {
            [.operationStale, .operationStuck].contains($0.kind) && $0.vmid == vmid
        }
        let live = estate.operations.count { $0.isLive && $0.vmid == vmid }
        return live > (dead ? 1 : 0)
    }

    struct Key: Hashable, Comparable, CustomStringConvertible {
        var kind: DriftKind
        var vmid: VMID?
        /// A queue, or a node.
        var place: String?

        init(kind: DriftKind, vmid: VMID?, place: String?) {
            self.kind = kind
            self.vmid = vmid
            self.place = place
        }

        init(_ drift: Drift) {
            self.init(kind: drift.kind, vmid: drift.subject.vmid, place: drift.subject.queue ?? drift.subject.node)
        }

        static func < (a: Key, b: Key) -> Bool {
            (a.vmid?.number ?? 0, a.kind, a.place ?? "") < (b.vmid?.number ?? 0, b.kind, b.place ?? "")
        }

        var description: String { "\(kind.rawValue) \(vmid?.description ?? place ?? "-")" }
    }
}
