/// The one record that should stand at a name, held against what stands there.
struct RecordSet {
    let name: String
    let wanted: DNSRecord.Data
    let missing, wrong, duplicate: DriftKind

    func check(_ instance: InstanceContext, _ zone: Zone, _ dns: PipelineSettings.DNS, _ findings: inout Findings) {
        let here = zone.records(named: name)
        if here.contains(where: { isUnreadable($0) }) {
            findings.add(.unreadableRecord, zone.plane, vmid: instance.row.vmid, instance: instance.index)
            return
        }
        let found = here.filter { isOfOurType($0) }
        let blockers = here.filter { blocks($0) }

        func drift(_ kind: DriftKind, _ observed: String, _ evidence: Evidence, holding more: [Hold] = []) {
            var holds = nameHolds(instance)
            if !blockers.isEmpty {
                let list = blockers.map(\.data.description).sorted().joined(separator: ", ")
                holds.append(Hold(.foreignRecord, "\(list) stands at this name and is not ours"))
            }
            findings.add(
                Drift(
                    kind: kind, subject: instance.subject(record: name), desired: Self.text(wanted, zone.plane),
                    observed: observed,
                    evidence: evidence, instance: instance.index, holds: holds + more))
        }

        switch found.count {
        case 0:
            let type = Self.type(of: wanted)
            let absence = instance.facts.confirmAbsence(in: zone.plane) { earlier in
                !earlier.records(named: name).contains { isOfOurType($0) }
            }
            switch absence {
            case .absent(let evidence):
                findings.noteAbsence(evidence)
                drift(missing, "no \(type) record at this name", evidence)
            case .unknown(let reason):
                findings.add(reason, zone.plane, vmid: instance.row.vmid, instance: instance.index)
            }
        case 1:
            let record = found[found.startIndex]
            if isRight(record) { return }
            let isCorrectable = Ownership(of: record, instance) != .foreign
            drift(
                wrong, Self.text(record), zone.evidence,
                holding: isCorrectable ? [] : [Hold(.foreignRecord, "its comment is not ours: \(record.comment ?? "")")]
            )
        default:
            let observed = found.map(Self.text).sorted().joined(separator: "; ")
            drift(duplicate, observed, zone.evidence, holding: holdOnSurplus(found, instance, dns))
        }
    }

    /// Surplus records go only while a right one remains, and only those that are marked or point at a former edge.
    private func holdOnSurplus(
        _ found: [DNSRecord], _ instance: InstanceContext, _ dns: PipelineSettings.DNS
    ) -> [Hold] {
        if let foreign = found.first(where: { Ownership(of: $0, instance) == .foreign }) {
            return [Hold(.foreignRecord, "the comment of \(foreign.data) is not ours: \(foreign.comment ?? "")")]
        }
        guard let keep = found.firstIndex(where: isRight) else {
            return [Hold(.foreignRecord, "none of them is right, so none is removed")]
        }
        for (index, record) in found.enumerated() where index != keep {
            let pointsAtFormerEdge: Bool
            if case .a(let address) = record.data {
                pointsAtFormerEdge = dns.formerEdges.contains(address)
            } else {
                pointsAtFormerEdge = false
            }
            let ownership = Ownership(of: record, instance)
            if ownership == .ours || (ownership == .unmarked && pointsAtFormerEdge) { continue }
            return [Hold(.foreignRecord, "\(record.data) is not marked as ours and points at no former edge")]
        }
        return []
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

    private func isRight(_ record: DNSRecord) -> Bool {
        // The TTL is not compared: a TTL alone is never drift.
        record.data == wanted && !record.isProxied && !record.isDisabled
    }

    private func isOfOurType(_ record: DNSRecord) -> Bool {
        switch (wanted, record.data) {
        case (.a, .a), (.srv, .srv): true
        default: false
        }
    }

    private func isUnreadable(_ record: DNSRecord) -> Bool {
        if case .unreadable(let type) = record.data { type == Self.type(of: wanted) } else { false }
    }

    private func blocks(_ record: DNSRecord) -> Bool {
        switch record.data {
        case .cname, .aaaa: true
        // A name that is delegated elsewhere has no other records, and Technitium's own types answer in place of what else
        // stands there.
        case .other(let type): ["NS", "ANAME", "APP"].contains(type)
        default: false
        }
    }

    private static func type(of data: DNSRecord.Data) -> String {
        String(data.description.prefix { $0 != " " })
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
