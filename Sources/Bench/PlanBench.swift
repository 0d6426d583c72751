import Core

/// Planning alone: all checks, policies, guards and reasons over facts that are already judged.
enum PlanBench {
    static func run(instances: Int, goal: Double, runs: Int, say: (String) -> Void) -> [Figure] {
        let fleet = BigFleet(instances)
        let (facts, judged) = Meter.milliseconds { fleet.facts() }
        let settings = fleet.settings
        var outcome: (decisions: [Decision], findings: Findings, expectation: Expectation)?
        let plan = Meter.median(runs: runs) {
            let (expectation, findings) = Diff.run(facts, settings: settings)
            let decisions = Decide(
                expectation: expectation, facts: facts, policies: fleet.policies, settings: settings, calendar: .always,
                now: BigFleet.now, dead: findings.deadOperations
            ).run(findings)
            outcome = (decisions, findings, expectation)
        }
        // Every row has then something to say, and is looked at closely.
        var blind = facts
        blind.publicZone = Looks(.failed(.timeout, detail: "no answer", at: BigFleet.now))
        let close = Meter.median(runs: runs) {
            _ = Diff.run(blind, settings: settings)
        }
        let floor = Meter.median(runs: runs) { touchEverything(facts) }
        if let outcome {
            let report = Report(
                decisions: outcome.decisions, findings: outcome.findings, expectation: outcome.expectation,
                facts: facts, policies: fleet.policies, settings: settings, generatedAt: BigFleet.now)
            var hash = SHA256()
            hash.update(ReportJSON.encode(report))
            say(
                "\(instances) instances: \(outcome.decisions.count) drifts decided, \(outcome.findings.unknown.count) facts "
                    + "unknown, report \(hash.finish().prefix(16))")
        }
        let name = "\(Figure.text(Double(instances))) instances"
        return [
            Figure(
                name: "plan of \(name)", value: plan, unit: .milliseconds, goal: goal, floor: floor,
                floorIs: "each row, guest, record, poll, backend read once"),
            Figure(name: "the diff of it while a zone cannot be read", value: close, unit: .milliseconds),
            Figure(name: "judging the answers of \(name)", value: judged, unit: .milliseconds),
        ]
    }

    /// The floor: one field of everything is read once, and nothing is done with it.
    private static func touchEverything(_ facts: Facts) {
        var sum: UInt64 = 0
        for row in facts.desired.instances { sum &+= row.key.externalID.low &+ UInt64(row.hostname.utf8.count) }
        for guest in facts.inventory.latest.value?.guests ?? [] { sum &+= UInt64(guest.vmid.number) }
        for plane in [Plane.publicDNS, .internalDNS] {
            for record in facts.zone(plane).latest.value?.records ?? [] { sum &+= UInt64(record.name.utf8.count) }
        }
        for poll in facts.agents.latest.value?.polls ?? [] { sum &+= poll.target.key.externalID.low }
        for backend in facts.proxy.latest.value?.backends ?? [] { sum &+= UInt64(backend.port) }
        precondition(sum != 1, "the sum is used, so that it is computed")
    }
}
