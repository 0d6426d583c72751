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
        let planted = Set(estate.story.map { Key(kind: $0.kind, vmid: $0.vmid) })
        let mismatched = Set(planted.filter { $0.kind == .containerIdentityMismatch }.map(\.vmid))

        for key in planted.subtracting(found).sorted() {
            let agentsFailed = report.coverage.contains { $0.plane == .agents && $0.status == .failed }
            if agentsFailed && [Plane.agents, .velocity].contains(key.kind.plane) { continue }
            if bulk && key.kind == .containerMissing { continue }
            let orphans: [DriftKind] = [.containerOrphan, .publicOrphan, .internalOrphan, .velocityGhost]
            if orphansDoubted && orphans.contains(key.kind) { continue }
            // What the database says of an operation does not depend on its server's row.
            if key.kind == .operationStale || key.kind == .operationStuck {
                violations.append("\(key) was planted and not found")
                continue
            }
            // What follows from the rows and not from the story: a suspended customer's edge, a row that is not active.
            guard let row = estate.instance(key.vmid) else {
                violations.append("\(key) was planted and not found")
                continue
            }
            if row.status == .active && !Truth.isSuppressed(key.vmid, in: estate) && !mismatched.contains(key.vmid) {
                violations.append("\(key) was planted and not found")
            }
        }
        for key in found.subtracting(planted).sorted() {
            // These follow from billing rows and operations that the draft adds at random, without a story.
            if [.containerSuspendedRunning, .operationUncertain, .queueBacklog].contains(key.kind) { continue }
            // A moved guest may have been planted with another deviation of the same server.
            violations.append("\(key) was found and never planted")
        }
        let late = estate.queueHouse.queues.filter { $0.jobs.contains { $0.id.hasPrefix("late-") } }.map(\.name)
        let told = report.decisions.filter { $0.drift.kind == .queueBacklog }.compactMap(\.drift.subject.queue)
        if late.sorted() != told.sorted() { violations.append("late are \(late), told were \(told)") }
        return violations
    }

    struct Key: Hashable, Comparable, CustomStringConvertible {
        var kind: DriftKind
        var vmid: VMID

        init(kind: DriftKind, vmid: VMID) {
            self.kind = kind
            self.vmid = vmid
        }

        init(_ drift: Drift) {
            kind = drift.kind
            vmid = drift.subject.vmid ?? VMID(100)!
        }

        static func < (a: Key, b: Key) -> Bool { (a.vmid, a.kind) < (b.vmid, b.kind) }
        var description: String { "\(kind.rawValue) \(vmid)" }
    }
}
