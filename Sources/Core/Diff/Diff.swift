/// Desired against observed: pure, and the same for the same input byte for byte.
package enum Diff {
    /// - Parameters:
    ///   - history: of the rounds before this one; nil for an audit.
    ///   - closely: whether every row is looked at closely, whatever a glance tells: slower, with the same findings.
    package static func run(
        _ facts: Facts, settings: PipelineSettings, history: History? = nil, closely: Bool = false
    ) -> (Expectation, Findings) {
        let expectation = Expectation(facts.desired, settings: settings)
        var findings = Findings(instances: facts.desired.instances.count)
        let fleet = FleetContext(
            expectation: expectation, facts: facts, settings: settings, history: history, closely: closely)
        findings.hasBulkAbsence = isBulkAbsent(fleet, &findings)
        let unobserved = [Plane.agents, .velocity].filter { settings.isConfigured($0) && !Round.observed.contains($0) }

        for check in CheckList.first { check.check(fleet, &findings) }
        let checks = CheckList.instance
        var quiet = QuietRows()
        for index in expectation.standings.indices {
            let standing = expectation.standings[index]
            if standing == .excluded || standing == .failed { continue }
            let glance = fleet.glance(at: index)
            if unobserved.isEmpty && glance.isQuiet(checks) {
                quiet.count(glance)
                continue
            }
            let vmid = facts.desired.instances[index].vmid
            if standing == .contradictory {
                findings.add(.contradictoryRows, .database, vmid: vmid, instance: index)
                continue
            }
            if standing == .billingUnknown {
                findings.add(.unreadableRow, .database, vmid: vmid, instance: index)
            }
            if !unobserved.isEmpty { note(unobserved, standing, facts.desired.instances[index], index, &findings) }
            var container = fleet.container(of: index, isExpected: standing.expectsContainer)
            if findings.hasBulkAbsence, case .absent = container, standing.expectsContainer {
                container = .unknown(.bulkAbsence)
            }
            let instance = InstanceContext(
                index: index, glance: glance, container: container,
                identity: InstanceContext.Identity(
                    container, hostname: facts.desired.instances[index].hostname, zone: settings.zone,
                    isNamedAlike: fleet.isNamedAlike(index)), fleet: fleet)
            check(instance, &findings)
        }
        quiet.add(to: &findings.applicable, settings)
        for row in facts.desired.unreadable where row.table == .instance || row.table == .operation {
            findings.add(.unreadableRow, .database, vmid: row.vmid, instance: nil)
        }
        for check in CheckList.fleet { check.check(fleet, &findings) }
        Cause.assign(&findings, fleet)
        Cause.assignLayers(&findings, fleet)
        TaskQuestions.ask(&findings, fleet)
        findings.drifts.sort(by: Drift.inReportOrder)
        findings.unknown = Array(Set(findings.unknown)).sorted(by: UnknownFact.inReportOrder)
        return (expectation, findings)
    }

    /// A plane that is configured and that this version cannot look at is unknown for each instance it applies to.
    private static func note(
        _ unobserved: [Plane], _ standing: Standing, _ row: DesiredInstance, _ index: Int, _ findings: inout Findings
    ) {
        guard standing == .live(.running) else { return }
        for plane in unobserved {
            if plane == .velocity && !Games.usesSRV(row.game) { continue }
            findings.add(.notSupported, plane, vmid: row.vmid, instance: index)
        }
    }

    private static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        if instance.expectation.unreadableVMIDs.contains(instance.row.vmid) {
            findings.add(.unreadableRow, .database, vmid: instance.row.vmid, instance: instance.index)
        }
        if let container = instance.container {
            findings.applicable[.proxmox] += 1
            if let reason = unknownPart(of: container, instance) {
                findings.add(reason, .proxmox, vmid: instance.row.vmid, instance: instance.index)
            }
        }
        if case .mismatch = instance.identity {
            ContainerIdentity.check(instance, &findings)
            return
        }
        for check in CheckList.instance { check.check(instance, &findings) }
    }

    /// What is not known of a guest although it applies to this instance.
    private static func unknownPart(of container: Observed<Guest>, _ instance: InstanceContext) -> Unknown? {
        switch container {
        case .unknown(let reason): return reason
        case .absent: return nil
        case .present(let guest, _):
            if case .unknown(let reason) = instance.identity { return reason }
            return instance.standing.expectsContainer ? guest.power.unknown : nil
        }
    }

    /// Whether so many expected containers are absent from one reading that the reading is doubted.
    private static func isBulkAbsent(_ fleet: FleetContext, _ findings: inout Findings) -> Bool {
        guard let inventory = fleet.facts.inventory.latest.value, inventory.doubt == nil else { return false }
        var expected = 0
        var absent = 0
        let standings = fleet.expectation.standings
        for index in standings.indices where standings[index].expectsContainer {
            expected += 1
            if fleet.hasGuest(index) { continue }
            let row = fleet.expectation.desired.instances[index]
            if case .absent = inventory.container(row.vmid, recordedNode: row.node) { absent += 1 }
        }
        guard Bulk.isTooMuch(absent, of: expected) else { return false }
        findings.partial[.proxmox] =
            "\(absent) of \(expected) expected containers are absent at once: the reading is doubted, none is called missing "
            + "(bulk_absence)"
        return true
    }
}

extension Drift {
    /// By server, then by kind as the contract lists them; what belongs to no server comes last.
    static func inReportOrder(_ a: Drift, _ b: Drift) -> Bool {
        let (left, right) = (a.subject.vmid?.number ?? .max, b.subject.vmid?.number ?? .max)
        if left != right { return left < right }
        if a.kind != b.kind { return a.kind < b.kind }
        if a.subject.record != b.subject.record { return (a.subject.record ?? "") < (b.subject.record ?? "") }
        return a.id < b.id
    }
}

extension UnknownFact {
    static func inReportOrder(_ a: UnknownFact, _ b: UnknownFact) -> Bool {
        let (left, right) = (a.vmid?.number ?? .max, b.vmid?.number ?? .max)
        if left != right { return left < right }
        if a.plane != b.plane { return a.plane < b.plane }
        if a.reason != b.reason { return a.reason.rawValue < b.reason.rawValue }
        return (a.queue ?? "") < (b.queue ?? "")
    }
}
