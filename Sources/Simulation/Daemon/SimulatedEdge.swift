import Core
import World

/// What the edge may never go through, watched write by write.
struct EdgeWatch {
    private(set) var violations: [String] = []
    /// Values that were published for a server that the database did not want there at that moment.
    /// What is `mayStay` may be left, where the reports tell it.
    private(set) var owed: [(grounds: EdgeGrounds, value: Published, mayStay: Bool)] = []
    /// What only a request does that was compared long before it came, or that crossed another change on its way.
    private(set) var blind: [String] = []
    /// What requests left that came when their attempt had been ended: the reports tell it, or its server is suspended.
    private(set) var left = 0
    private(set) var writes = 0
    /// Attempts whose servers were wanted when the database was asked last.
    private var stood: Set<String> = []

    /// - Parameters:
    ///   - before: the estate as it was right before the write.
    ///   - isUndo: whether it takes back what the same attempt did.
    ///   - isBlind: whether its process stood still between its comparison and the request.
    ///   - leavesRight: whether the right record stood beside the one that goes when the request was sent.
    ///   - isLate: whether it came after the leave to send it had ended, and after another leader had ended its attempt.
    mutating func wrote(
        _ write: EdgeWrite, _ grounds: EdgeGrounds, from before: Estate, to after: Estate, isUndo: Bool,
        isBlind: Bool = false, isLate: Bool = false, leavesRight: Bool = false
    ) {
        settle(before)
        let known = violations.count
        defer {
            if isBlind {
                blind += violations[known...]
                violations.removeSubrange(known...)
            }
        }
        let records = before.zone.records != after.zone.records
        let inner = before.internalZone.records != after.internalZone.records
        let proxy = before.proxy != after.proxy
        guard records || inner || proxy else { return }
        writes += 1
        let change = grounds.change
        if proxy, case .record = change { violations.append("\(write) changed the proxy") }
        for (old, new) in [(before.plainPublic, after.plainPublic), (before.plainInternal, after.plainInternal)] {
            hold(write, change, old, new)
        }
        if proxy {
            let others = { (estate: Estate) in estate.proxy.backends.filter { $0.name != change.name } }
            if others(before) != others(after) { violations.append("\(write) changed another backend") }
        }
        if case .remove = write, !isUndo, case .record(let record) = change {
            let here = record.rule.plane == .publicDNS ? after.plainPublic : after.plainInternal
            if !here.contains(where: record.rule.isRight) {
                // No service removes one record on condition that another one stands.
                if leavesRight {
                    blind.append("\(write) left no right record")
                } else {
                    violations.append("\(write) left no right record")
                }
            }
        }
        guard !isUndo, !before.wants(grounds) else { return }
        switch (change, write) {
        case (.record(let record), .create), (.record(let record), .correct):
            owed.append((grounds, .record(record.rule.plane, record.rule.draft), isLate))
        case (.backend, .register(let backend, _)): owed.append((grounds, .backend(backend), isLate))
        default: break
        }
    }

    // MARK: What is given up

    /// The database is asked whether it still wants it.
    mutating func asked(_ intent: Intent, _ grounds: EdgeGrounds, in estate: Estate) {
        if estate.wantsServer(grounds.key) { stood.insert(intent.id) } else { stood.remove(intent.id) }
    }

    /// An attempt ends in what nobody knows: nobody comes back to what it may have published for a server that is not wanted.
    /// Between that question and the end it may be suspended, as at any time after a repair.
    mutating func gaveUp(_ intent: Intent, _ grounds: EdgeGrounds, in estate: Estate) {
        guard !estate.wantsServer(grounds.key), !stood.contains(intent.id) else { return }
        // What else is wanted under its VMID does not wait: what is left is told as an orphan.
        let isReplaced = estate.instances.contains { $0.vmid == grounds.key.vmid && estate.wantsServer($0.key) }
        switch grounds.change {
        case .backend(let change): owed.append((grounds, .backend(change.wanted), isReplaced))
        case .record(let change):
            if case .removeSurplus = change.deed { return }
            owed.append((grounds, .record(change.rule.plane, change.rule.draft), isReplaced))
        }
    }

    /// What makes a server reachable.
    enum Published {
        case record(Plane, RecordDraft)
        case backend(VelocityReading.Backend)
    }

    private mutating func hold(_ write: EdgeWrite, _ change: EdgeChange, _ old: [DNSRecord], _ new: [DNSRecord]) {
        if old == new { return }
        guard case .record(let record) = change else {
            violations.append("\(write) changed a zone")
            return
        }
        let gone = old.filter { !new.contains($0) }
        let come = new.filter { !old.contains($0) }
        for record in gone + come where record.name != change.name {
            violations.append("\(write) changed \(record.name)")
        }
        for gone in gone where record.rule.ownership(of: gone) == .foreign {
            violations.append("\(write) changed the foreign record \(gone.data) with '\(gone.comment ?? "")'")
        }
        if come.count > 1 { violations.append("\(write) made \(come.count) records") }
        if case .create = write, old.contains(where: { $0.name == change.name && record.rule.isRight($0) }) {
            violations.append("\(write) made a second record")
        }
    }

    /// What nobody wanted is settled once it has gone, or is wanted after all.
    mutating func settle(_ estate: Estate) {
        owed.removeAll { owing in
            estate.wants(owing.grounds) || !estate.shows(owing.value)
        }
    }

    /// What was published although nobody wanted it has to be gone in the end, save for ``left``.
    ///
    /// - Parameter told: the last reports.
    mutating func rest(_ estate: Estate, told: [Report]) {
        settle(estate)
        for (grounds, value, mayStay) in owed {
            let isTold = told.contains { report in
                report.decisions.contains { value.isSubject(of: $0.drift) }
            }
            // Nobody looks at the records of a server that is suspended: that one is found when its customer comes back.
            if mayStay, isTold || estate.instances.contains(where: { $0.key == grounds.key }) {
                left += 1
            } else {
                violations.append(
                    "\(value) was published for \(grounds.key.vmid), which is not wanted"
                        + (mayStay ? ", and no report tells it" : ""))
            }
        }
    }
}

extension EdgeWatch.Published: CustomStringConvertible {
    func isSubject(of drift: Drift) -> Bool {
        switch self {
        case .record(_, let draft): drift.subject.record == draft.name
        case .backend(let backend): drift.kind.plane == .velocity && drift.subject.hostname == backend.name
        }
    }

    var description: String {
        switch self {
        case .record(_, let draft): "\(draft.name) \(draft.data)"
        case .backend(let backend): "backend \(backend.name) at \(backend)"
        }
    }
}

extension Estate {
    fileprivate func shows(_ value: EdgeWatch.Published) -> Bool {
        switch value {
        case .record(.publicDNS, let draft): plainPublic.contains { draft.isExactly($0) }
        case .record(_, let draft): plainInternal.contains { draft.isExactly($0) }
        case .backend(let backend): proxy.backends.contains(backend)
        }
    }

    fileprivate func wantsServer(_ key: InstanceKey) -> Bool {
        guard let row = instances.first(where: { $0.key == key }), row.status == .active else { return false }
        return !billing.contains { row.customer == $0.customer && $0.status == .suspended }
    }

    /// Whether the platform wants this change, reckoned apart from what the controller makes of the rows.
    fileprivate func wants(_ grounds: EdgeGrounds) -> Bool {
        if wantsServer(grounds.key), let row = instances.first(where: { $0.key == grounds.key }) {
            return wants(grounds.change, for: row)
        }
        // Its successor under the VMID may want the very same.
        return instances.contains { row in
            let host = "\(row.hostname).\(zone.name)"
            let isItsName = grounds.change.name.hasSuffix(host) || grounds.change.name == row.hostname
            return row.vmid == grounds.key.vmid && row.key != grounds.key && isItsName && wantsServer(row.key)
                && wants(grounds.change, for: row)
        }
    }

    private func wants(_ change: EdgeChange, for row: DesiredInstance) -> Bool {
        guard case .record(let change) = change, case .srv(let data) = change.rule.wanted else { return true }
        return data.port == row.port ?? 25_565
    }

    /// Whether what a change is after stands there.
    func isRight(_ change: EdgeChange) -> Bool {
        guard case .record(let record) = change else { return false }
        return (record.rule.plane == .publicDNS ? plainPublic : plainInternal).contains(where: record.rule.isRight)
    }

    fileprivate var plainPublic: [DNSRecord] { zone.records.map(\.decoded) }
    fileprivate var plainInternal: [DNSRecord] { internalZone.records.map(\.decoded) }
}

/// What happens at the edge while the controllers work.
enum EdgeMischief {
    static func happen(to estate: inout Estate, _ chance: inout Seed, at now: Timestamp) -> String? {
        let marks = estate.zone.records.filter { $0.comment?.hasPrefix("zlh-controller/") ?? false }
        switch chance.below(14) {
        case 0, 1, 2:
            guard let record = chance.pick(marks) else { return nil }
            estate.zone.remove(id: record.id)
            return "\(record.type) \(record.name) was deleted by hand"
        case 3:
            guard var record = chance.pick(marks.filter { $0.type == "A" }) else { return nil }
            record.content = chance.chance(percent: 50) ? "198.51.100.7" : "192.0.2.66"
            estate.zone.replace(record)
            return "\(record.name) was pointed at \(record.content)"
        case 4:
            guard let record = chance.pick(marks.filter { $0.type == "A" }) else { return nil }
            estate.zone.add(
                ZoneRecord(
                    id: chance.hex(32), name: record.name, type: "A", content: "198.51.100.7",
                    comment: chance.chance(percent: 30) ? "made by somebody else" : nil, createdAt: now))
            return "\(record.name) got a second address"
        case 5, 6:
            let marks = estate.internalZone.records.filter { $0.comment?.hasPrefix("zlh-controller/") ?? false }
            guard let name = chance.pick(marks.map(\.name)) else { return nil }
            estate.internalZone.remove { $0.name == name }
            return "the internal records at \(name) were deleted"
        case 7:
            estate.proxy.restart()
            return "the proxy was restarted"
        case 8:
            guard let backend = chance.pick(estate.proxy.backends) else { return nil }
            estate.proxy.register(backend.name, "127.70.9.9")
            return "backend \(backend.name) was moved"
        case 9: return suspend(&estate, &chance)
        case 10 where chance.chance(percent: 30):
            guard let row = chance.pick(estate.instances) else { return nil }
            // The row goes; what it left behind is the platform's to clean up.
            estate.instances.removeAll { $0.key == row.key }
            return "the row of \(row.vmid) was deleted"
        case 11:
            guard !estate.instances.isEmpty else { return nil }
            let index = chance.below(estate.instances.count)
            estate.instances[index].port = 25_000 + chance.below(5000)
            return "the port of \(estate.instances[index].vmid) was changed"
        default: return nil
        }
    }

    /// What somebody does to a server while a request of ours for it waits in a process that stands still.
    static func cross(
        _ intent: Intent, _ grounds: EdgeGrounds, _ estate: inout Estate, _ chance: inout Seed, at now: Timestamp
    ) -> String? {
        guard let index = estate.instances.firstIndex(where: { $0.key == grounds.key }) else { return nil }
        let name = grounds.change.name
        switch chance.below(6) {
        case 0:
            guard let customer = estate.instances[index].customer else { return nil }
            estate.billing.removeAll { $0.customer == customer }
            estate.billing.append(BillingRow(customer: customer, status: .suspended, serverState: .allowed))
            return "\(customer) is suspended"
        case 1 where chance.chance(percent: 50):
            estate.instances.remove(at: index)
            return "the row of \(grounds.key.vmid) is deleted"
        case 2:
            estate.instances[index].port = 25_000 + chance.below(5000)
            return "the port of \(grounds.key.vmid) is changed"
        case 3:
            for record in estate.zone.records(at: name) { estate.zone.remove(id: record.id) }
            estate.internalZone.remove { $0.name == name }
            return "what stands at \(name) is deleted"
        default:
            for var record in estate.zone.records(at: name) {
                record.comment = "mine now"
                estate.zone.replace(record)
            }
            estate.internalZone.change {
                $0.name == name
            } _: {
                $0.comment = "mine now"
            }
            return "somebody takes \(name) over"
        }
    }

    private static func suspend(_ estate: inout Estate, _ chance: inout Seed) -> String? {
        guard let customer = chance.pick(estate.instances.compactMap(\.customer)) else { return nil }
        let isSuspended = estate.billing.contains { $0.customer == customer && $0.status == .suspended }
        estate.billing.removeAll { $0.customer == customer }
        estate.billing.append(
            BillingRow(customer: customer, status: isSuspended ? .active : .suspended, serverState: .allowed))
        return "\(customer) was \(isSuspended ? "taken back" : "suspended")"
    }
}
