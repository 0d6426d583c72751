/// The one record that should stand at a name, held against what stands there: findings out of a ``RecordRule``.
struct RecordSet {
    private let rule: RecordRule
    private let missing, wrong, duplicate: DriftKind

    init(_ rule: RecordRule) {
        self.rule = rule
        let kinds = DNSKinds.of(rule.plane)
        (missing, wrong, duplicate) =
            rule.type == "A"
            ? (kinds.aMissing, kinds.aWrong, kinds.aDuplicate)
            : (kinds.srvMissing, kinds.srvWrong, kinds.srvDuplicate)
    }

    func check(_ instance: InstanceContext, _ zone: Zone, _ findings: inout Findings) {
        let name = rule.name
        let here = zone.records(named: name)
        let judgement = rule.judge(here)

        func drift(_ kind: DriftKind, _ observed: String, _ evidence: Evidence) {
            var holds = nameHolds(instance)
            if let foreign = judgement.foreign { holds.append(Hold(.foreignRecord, foreign)) }
            var drift = Drift(
                kind: kind, subject: instance.subject(record: name), desired: Self.text(rule.wanted, zone.plane),
                observed: observed, evidence: evidence, instance: instance.index, holds: holds)
            drift.edge = judgement.deed.map { .record(RecordChange(rule, deed: $0)) }
            findings.add(drift)
        }

        switch judgement.finding {
        case .right: return
        case .unreadable: findings.add(.unreadableRecord, zone.plane, vmid: instance.row.vmid, instance: instance.index)
        case .missing:
            let absence = instance.facts.confirmAbsence(in: zone.plane) { earlier in
                rule.judge(earlier.records(named: name)).finding == .missing
            }
            switch absence {
            case .absent(let evidence):
                findings.noteAbsence(evidence)
                drift(missing, "no \(rule.type) record at this name", evidence)
            case .unknown(let reason):
                findings.add(reason, zone.plane, vmid: instance.row.vmid, instance: instance.index)
            }
        case .wrong(let record): drift(wrong, Self.text(record), zone.evidence)
        case .duplicate(let found):
            drift(duplicate, found.map(Self.text).sorted().joined(separator: "; "), zone.evidence)
        }
    }

    private func nameHolds(_ instance: InstanceContext) -> [Hold] {
        var holds: [Hold] = []
        if !instance.settings.scope.accepts(hostname: instance.row.hostname, of: instance.row) {
            holds.append(
                Hold(.badHostname, "host name '\(instance.row.hostname)' is not one that scope gives to this instance"))
        }
        // A guard whose facts are unknown holds: a record must not be published for a guest that may be another's.
        if case .unknown(let reason) = instance.identity {
            holds.append(
                Hold(
                    .evidenceUnknown, "whether guest \(instance.row.vmid) is this server is unknown: \(reason.rawValue)"
                ))
        }
        // So is an operation or another row that cannot be understood: it may own the instance, or be the right one.
        if instance.expectation.unreadableVMIDs.contains(instance.row.vmid) {
            holds.append(Hold(.evidenceUnknown, "a row or an operation on \(instance.row.vmid) cannot be understood"))
        }
        return holds
    }

    private static func text(_ wanted: DNSRecord.Data, _ plane: Plane) -> String {
        // Only the public service could put a proxy in front.
        if case .a = wanted, plane == .publicDNS { "\(wanted), DNS only" } else { wanted.description }
    }

    private static func text(_ record: DNSRecord) -> String {
        var text = record.data.description
        if record.isProxied { text += ", proxied" }
        if record.isDisabled { text += ", disabled" }
        return text
    }
}
