import Core
import World

/// What has really lasted for how long, apart from what any daemon counts.
struct LastingTruth {
    private struct Stretch {
        var mark = ""
        var from: Timestamp
        var to: Timestamp?
    }

    private var locks: [VMID: [Stretch]] = [:]
    private var idle: [Stretch] = []

    /// Sets a lock, another lock, or none.
    mutating func lock(_ vmid: VMID, _ lock: String?, in estate: inout Estate, at now: Timestamp) {
        guard estate.cluster.change(vmid, { $0.lock = lock }) else { return }
        if let lock { begin(lock, &locks[vmid, default: []], at: now) } else { end(&locks[vmid, default: []], at: now) }
    }

    /// All workers leave, or one comes.
    mutating func turnWorkers(in estate: inout Estate, at now: Timestamp) {
        var isLeft = false
        estate.queueHouse.change("provisioning") { queue in
            queue.workers = queue.workers == 0 ? 2 : 0
            isLeft = queue.workers == 0
        }
        if isLeft { begin("", &idle, at: now) } else { end(&idle, at: now) }
    }

    private func begin(_ mark: String, _ stretches: inout [Stretch], at now: Timestamp) {
        end(&stretches, at: now)
        // An interruption that may lie between two looks is none that anybody could see.
        let before = stretches.lastIndex { $0.mark == mark && now - ($0.to ?? now) < .minutes(5) }
        var stretch = before.map { stretches.remove(at: $0) } ?? Stretch(mark: mark, from: now)
        stretch.to = nil
        stretches.append(stretch)
    }

    private func end(_ stretches: inout [Stretch], at now: Timestamp) {
        guard let last = stretches.indices.last, stretches[last].to == nil else { return }
        stretches[last].to = now
    }

    /// Why a drift that was just opened is none; nil when it has lasted.
    ///
    /// - Parameters:
    ///   - seen: when it truly was that it was seen.
    ///   - slack: by how much a clock may have been wrong.
    func doubt(_ drift: Drift, seen: Timestamp, slack: Span) -> String? {
        guard let needed = History.needs(drift.kind) else { return nil }
        let stretches: [Stretch]
        switch drift.kind {
        case .containerLocked: stretches = drift.subject.vmid.flatMap { locks[$0] } ?? []
        // Whoever leaves leaves jobs without a lock behind.
        case .queueNoWorker, .queueStalled: stretches = idle
        // Agents stay as they were drawn.
        case .agentNotReady: stretches = [Stretch(from: DaemonSimulation.begin)]
        default: return "\(drift.kind.rawValue) was opened, and nothing like it ever was"
        }
        let isTrue = stretches.contains { stretch in
            seen + slack - stretch.from >= needed && stretch.to.map { $0 >= seen } ?? true
        }
        return isTrue ? nil : "\(drift.kind.rawValue) was opened after less than \(needed)"
    }

    /// What lasts since before `moment` and a report lacks.
    func missing(in report: Report, estate: Estate, since moment: Timestamp) -> [String] {
        var missing: [String] = []
        for row in estate.instances where row.status == .active {
            guard let from = locks[row.vmid]?.last, from.to == nil, from.from < moment,
                let guest = estate.guest(row.vmid), guest.type == "lxc", guest.name == row.hostname, !guest.isTemplate,
                estate.settings.scope.contains(row.vmid, row.ctype),
                // A node that is down shows the locks of its guests and not their names: whose they are is not known.
                !report.unknown.contains(where: { $0.plane == .proxmox && $0.vmid == row.vmid })
            else { continue }
            if !report.decisions.contains(where: {
                $0.drift.kind == .containerLocked && $0.drift.subject.vmid == row.vmid
            }) {
                missing.append("the lock on \(row.vmid) since \(from.from) is not told")
            }
        }
        if let from = idle.last, from.to == nil, from.from < moment,
            !report.decisions.contains(where: { $0.drift.kind == .queueNoWorker })
        {
            missing.append("that nobody consumes since \(from.from) is not told")
        }
        return missing
    }
}
