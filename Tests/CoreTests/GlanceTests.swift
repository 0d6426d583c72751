import TestSupport
import Testing

@testable import Core

/// A glance at a row says nothing that a close look would not: whatever is wrong with a fleet, both find the same.
@Suite("Glances")
struct GlanceTests {
    @Test(arguments: 0..<400)
    func aGlanceAndACloseLookFindTheSame(seed: Int) throws {
        var draw = Draw(UInt64(seed))
        var fleet = Self.right(8)
        for _ in 0..<draw.below(9) { Breakage.allCases[draw.below(Breakage.allCases.count)].happen(to: &fleet, &draw) }
        var facts = Self.facts(fleet)
        var history = draw.below(2) == 0 ? History?.none : Self.history(fleet, &draw)
        Self.expectTheSame(facts, fleet.settings, history)

        // A round later, and with a second look, at what has changed meanwhile.
        let sightings = Diff.run(facts, settings: fleet.settings, history: history).1.sightings
        history?.note(sightings, at: Fleet.now + .minutes(1))
        for _ in 0..<draw.below(3) { Breakage.allCases[draw.below(Breakage.allCases.count)].happen(to: &fleet, &draw) }
        Self.look(again: fleet, at: &facts, &draw)
        Self.expectTheSame(facts, fleet.settings, history)
    }

    /// One thing wrong with one server, each in each standing of its row.
    @Test(arguments: Breakage.allCases)
    func noBreakageIsOverlooked(breakage: Breakage) {
        for seed in 0..<24 {
            var draw = Draw(UInt64(seed))
            var fleet = Self.right(3)
            breakage.happen(to: &fleet, &draw)
            Self.expectTheSame(Self.facts(fleet), fleet.settings, nil)
            Self.expectTheSame(Self.facts(fleet), fleet.settings, Self.history(fleet, &draw))
        }
    }

    @Test func whatIsAsItShouldBeNeedsNoMoreThanAGlance() {
        var fleet = Self.right(12)
        fleet.changeRow(5004) { $0.power = .stopped }
        fleet.changeGuest(5004) { $0.status = "stopped" }
        fleet.changeRow(5005) { $0.status = .provisioning }
        fleet.billing = [BillingRow(customer: "c5006", status: .suspended, serverState: .suspendedShutdown)]
        fleet.changeGuest(5006) { $0.status = "stopped" }
        fleet.changeRow(5007) { $0.node = nil }
        #expect(Self.quiet(fleet) == Array(repeating: true, count: 12))
        // Each of these concerns one row, and no other has to be looked at more closely for it.
        fleet.changeGuest(5001) { $0.status = "stopped" }
        fleet.changeGuest(5002) { $0.node = "n2" }
        fleet.changeRecord("a5003") { $0.data = .a("203.0.113.77") }
        fleet.agents[5008] = .failed(.refused)
        fleet.unregister("mc-paper-5009")
        fleet.changeGuest(5010) { $0.lock = "backup" }
        fleet.changeGuest(5006) { $0.status = "running" }
        let close = [5001, 5002, 5003, 5006, 5008, 5009, 5010].map { $0 - 5001 }
        #expect(Self.quiet(fleet) == (0..<12).map { !close.contains($0) })
    }

    // MARK: Fleets

    private static func right(_ count: Int) -> Fleet {
        var fleet = Fleet.withInternalZone(count)
        fleet.addHosts()
        fleet.observeQueues()
        return fleet
    }

    private static func facts(_ fleet: Fleet) -> Facts {
        var facts = Facts(desired: fleet.desired)
        show(fleet, 1, to: &facts)
        return facts
    }

    private static func look(again fleet: Fleet, at facts: inout Facts, _ draw: inout Draw) {
        facts.earlierDesired = facts.desired
        facts.desired = fleet.desired
        facts.isConfirming = true
        show(fleet, 2, to: &facts)
        // Of a second look a part may come to nothing.
        let failure = ReadFailure(.timeout, "no answer", at: Fleet.now)
        for plane in [Plane.proxmox, .agents, .publicDNS, .internalDNS, .velocity] where draw.below(8) == 0 {
            facts.record(failure, at: plane, look: 2)
        }
    }

    private static func show(_ fleet: Fleet, _ look: Int, to facts: inout Facts) {
        let targets = fleet.desired.instances.compactMap { row in
            row.address.map { AgentTarget(key: row.key, address: $0) }
        }
        var asked = Look(plane: .proxmox, number: look)
        let vmids = fleet.desired.instances.map(\.vmid)
        if look == 2 { asked.addressesOf = vmids.filter { $0.number % 2 == 0 } }
        (asked.suspects, asked.tasksOf) = (vmids, vmids)
        let settings = fleet.settings
        facts.record(.proxmox(.success(fleet.proxmoxReading(asked))), look: look, settings: settings)
        facts.record(.publicZone(.success(fleet.zoneReading)), look: look, settings: settings)
        if settings.internalDNS != nil {
            facts.record(.internalZone(fleet.internalZone), look: look, settings: settings)
        }
        if settings.agents { facts.record(.agents(fleet.agentReading(targets)), look: look, settings: settings) }
        if settings.velocity { facts.record(.velocity(.success(fleet.proxy)), look: look, settings: settings) }
        facts.record(.queues(fleet.queues.reading([])), look: look, settings: settings)
    }

    private static func history(_ fleet: Fleet, _ draw: inout Draw) -> History {
        var history = History(cycle: .minutes(1))
        let (kinds, row) = ([DriftKind.containerLocked, .agentNotReady, .containerAddressChanged], fleet.instances[0])
        let kind = kinds[draw.below(3)]
        let subject = Subject(
            vmid: row.vmid, externalID: row.key.externalID, hostname: row.hostname, customer: row.customer)
        let id = DriftID.make(kind: kind, subject: subject, discriminator: "")
        if draw.below(2) == 0 {
            history.hold(open: [
                OpenDrift(
                    id: id, kind: kind, vmid: row.vmid, externalID: row.key.externalID, hostname: row.hostname,
                    level: kind.level, action: nil, verdict: .report, reason: .observeOnly, since: Fleet.now)
            ])
        }
        if draw.below(2) == 0 {
            let condition = LastingCondition(kind, instance: row.key)
            history.note(
                [Sighting(condition: condition, what: .holds(mark: ""), driftID: id, at: Fleet.now)], at: Fleet.now)
        }
        return history
    }

    private static func quiet(_ fleet: Fleet) -> [Bool] {
        let facts = facts(fleet)
        let expectation = Expectation(facts.desired, settings: fleet.settings)
        let context = FleetContext(expectation: expectation, facts: facts, settings: fleet.settings)
        return facts.desired.instances.indices.map { context.glance(at: $0).isQuiet(CheckList.instance) }
    }

    private static func expectTheSame(_ facts: Facts, _ settings: PipelineSettings, _ history: History?) {
        let glanced = Diff.run(facts, settings: settings, history: history).1
        let close = Diff.run(facts, settings: settings, history: history, closely: true).1
        #expect(glanced.drifts == close.drifts)
        #expect(glanced.unknown == close.unknown)
        #expect(glanced.hasDrift == close.hasDrift)
        #expect(glanced.hasUnknown == close.hasUnknown)
        #expect(glanced.suspicious == close.suspicious)
        #expect(glanced.suspects == close.suspects)
        #expect(glanced.addressesWanted == close.addressesWanted)
        #expect(glanced.tasksWanted == close.tasksWanted)
        #expect(glanced.partial == close.partial)
        #expect(glanced.applicable == close.applicable)
        #expect(glanced.deadOperations == close.deadOperations)
        #expect(glanced.sightings == close.sightings)
    }
}
