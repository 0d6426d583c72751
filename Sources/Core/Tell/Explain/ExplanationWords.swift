/// The wording of an explanation.
extension Words {
    package static func answer(_ known: Explanation) -> String {
        let number = "VMID \(known.vmid)"
        switch known.answer {
        case .instance:
            if known.rows.count > 1 { return "\(number) is claimed by \(count(known.rows.count, "row"))" }
            guard let row = known.rows.first else { return number }
            let drifts = known.cases.filter { $0.decision.accepted == nil }.count
            var text =
                "\(number) is \(row.instance.ctype.rawValue) server '\(row.instance.hostname)': \(name(row.word))"
            if drifts > 0 { text += ", \(count(drifts, "open drift"))" }
            return text
        case .unreadableRow: return "\(number) has a row that makes no sense, so nothing is decided about it"
        case .claimed: return "\(number) has no row yet: a live operation owns it"
        case .leftover: return "\(number) has no active row: an operation ended badly and left something under it"
        case .orphan: return "\(number) is an orphan: a guest that no row and no operation claims"
        case .guestInDoubt:
            return "\(number) is a guest without a row, and is not called an orphan: something has to be known first"
        case .retired: return "\(number) has no row: the server that had it was deleted"
        case .outOfScope: return "\(number) is out of scope: it is never judged and never touched"
        case .nothing: return "\(number) is nothing: no row, no operation, no guest"
        case .unknown:
            let why = known.sights.first { $0.plane == .proxmox && $0.shows == .unknown }?.reason
            return "\(number) has no row, and whether a guest has it is not known"
                + (why.map { ", because \(unknown($0))" } ?? "")
        }
    }

    /// What is expected of a row in this state, by the table of the database contract.
    package static func expected(_ standing: Standing) -> String {
        switch standing {
        case .live(.running): "the guest runs, and its records are exact"
        case .live(.stopped): "the guest is stopped, and its records are exact"
        case .suppressed(let why): "the guest is stopped (\(why)); its edge is not looked at"
        case .billingUnknown: "the customer's billing makes no sense: nothing may be repaired"
        case .contradictory: "another row has the same identity and says something else: neither is believed"
        case .claimed: "only who it is: its VMID and host name count as claimed"
        case .failed: "nothing; its VMID and host name count as claimed"
        case .excluded: "nothing: the row lies outside scope"
        }
    }

    package static func billing(_ row: BillingRow?, customer: String?) -> String {
        guard let customer else { return "the row names no customer: counts as active" }
        guard let row else { return "customer \(customer) has no billing row: counts as active" }
        let status = row.status?.rawValue ?? "a word that is not understood"
        let state = row.serverState?.rawValue ?? "a word that is not understood"
        let effect = row.effect == .none ? "servers may be kept up" : "servers are not brought back"
        return "customer \(customer): billing \(status), server \(state): \(effect)"
    }

    package static func name(_ shows: Explanation.Sight.Shows) -> String {
        switch shows {
        case .present: "present"
        case .absent: "absent"
        case .unknown: "unknown"
        case .notConfigured: "not configured"
        case .notAsked: "not asked"
        }
    }

    /// What a leader leaves a proxy that restarted before it registers anything, and where that shows.
    package static func settle(_ span: Span) -> String {
        "the proxy has to have had its time: the daemon registers nothing before \(span) have passed since its first round that saw "
            + "so much missing; zlh-controller events --since 1h shows when that was, and a message about it says Held until then"
    }

    /// The hash of a plan is that of the whole estate, and one server is not it.
    package static let approveElsewhere =
        "zlh-controller approve, with the hash of the plan that zlh-controller audit ends with"

    package static let unjudged =
        "the agents and jobs of other servers were not asked: whether the same thing hits many at once, which holds repairs, "
        + "is for audit and the daemon to say"

    /// When a reading was made, and how long ago that is.
    package static func age(_ evidence: Evidence, at now: Timestamp) -> String {
        "\(self.evidence(evidence)); read at \(evidence.observedAt), \(now - evidence.observedAt) ago"
    }

    package static func agent(_ status: AgentStatus) -> String {
        var parts = ["state \(status.state?.word ?? "not told")"]
        if let runs = status.processRunning { parts.append(runs ? "its process runs" : "no process runs") }
        parts.append(status.ready.map { $0 ? "ready" : "not ready" } ?? "does not say whether it is ready")
        if let busy = status.busy { parts.append(busy) }
        if let crashes = status.crashCount, crashes > 0 {
            let code = status.lastCrashExitCode.map { ", the last time with exit code \($0)" } ?? ""
            parts.append("crashed \(crashes == 1 ? "once" : "\(crashes) times")\(code)")
        }
        return parts.joined(separator: ", ")
    }

    /// Where a job is, and what its worker does.
    package static func job(
        _ places: [QueueReading.Place], _ running: QueueReading.Running?, workers: Int?, at now: Timestamp
    ) -> String {
        var text = "in \(places.map(\.rawValue).joined(separator: " and "))"
        if let running {
            text += running.lock.map { ", its worker's lock holds for \($0)" } ?? ", without a worker's lock"
            if let since = running.processedOn { text += ", begun \(now - since) ago" }
        }
        return text + (workers.map { "; \(count($0, "worker connection"))" } ?? "; workers cannot be seen")
    }

    /// When an operation was asked for, and its last sign of life.
    package static func life(_ operation: DesiredOperation, at now: Timestamp) -> String {
        var parts = ["enqueued \(now - operation.enqueuedAt) ago", "attempt \(operation.attempts)"]
        if let heartbeat = operation.heartbeatAt { parts.append("last heartbeat \(now - heartbeat) ago") }
        if let lease = operation.leaseExpiresAt {
            parts.append(lease > now ? "lease for another \(lease - now)" : "lease over for \(now - lease)")
        }
        if let finished = operation.finishedAt { parts.append("ended at \(finished)") }
        return parts.joined(separator: ", ")
    }

    /// What would have to change for a drift with this reason to be repaired.
    package static func remedy(_ reason: Reason) -> String {
        switch reason {
        case .evidenceUnknown:
            "what is unknown has to become known: look at what stands under unknown, and at the planes"
        case .evidenceStale: "the plane has to be read again"
        case .badHostname: "the row's host name has to be one that scope gives to it, or scope has to allow it"
        case .identityMismatch: "a person has to settle which server this VMID belongs to"
        case .causedBy: "the drift that explains it has to be mended first; this one then ends or stands by itself"
        case .foreignRecord: "whoever owns the record that is in the way has to remove it, or its comment"
        case .addressUnconfirmed: "the guest's own interfaces have to show the recorded address"
        case .billingSuppressed: "the customer's billing has to allow servers again"
        case .paused: "the pause has to end, or be ended with resume"
        case .maintenanceWindow: "repairs have to be allowed again: see the windows of the policies"
        case .operationInFlight: "the operation has to end"
        case .agentBusy: "the agent has to finish what it does"
        case .agentNotReady: "the workload has to become ready"
        case .proxmoxLocked: "Proxmox has to release its lock on the guest"
        case .foreignTask: "the task has to end"
        case .haManaged: "a person has to act through Proxmox HA"
        case .contested: "whoever undoes the repair has to stop; it is tried again once the time is over"
        case .quarantined: "a person has to find out why the repair fails"
        case .massChange: "an operator has to look at so many repairs at once, and mend the cause or approve them"
        case .policyMatched: "nothing: a controller in mode repair may do it"
        case .observeOnly: "nothing is ever done about it by itself: its level is 0"
        case .noPolicy: "a policy has to cover this kind"
        case .approvalMissing: "an operator has to approve it"
        case .approvalExpired: "an operator has to approve it again"
        case .planChanged: "an operator has to look at the new plan and approve it"
        case .noAction: "a person has to do it: the controller has no action for it"
        case .personOnly: "a person has to do it: the controller never does"
        }
    }
}
