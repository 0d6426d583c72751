package import Core
package import Fixtures

/// A recorded estate with other names, with its acceptances and with what the ledger knows of its drifts.
///
/// A drift's id is a hash over who it is about, so under other names it has another id. Both estates are therefore audited, and
/// what is about a drift moves to the one that stands where it stood (``DriftTwins``). An acceptance of what is no drift now gets an
/// id that stands for none; the ledger's past of it is left out.
package enum AnonymousCapture {
    package static func make(of fixture: Fixture, policies: PolicySet) async -> Fixture {
        var (other, renamed) = fixture.anonymized()
        // Without a report there is no desired state either, and nothing that could move.
        guard let before = await audit(fixture, policies), let after = await audit(other, policies) else {
            return other
        }
        let twins = DriftTwins(before, after, policies: policies.hash, renamed)
        for look in other.looks.indices {
            guard case .success(let original) = fixture.looks[look].desired,
                case .success(let desired) = other.looks[look].desired
            else { continue }
            other.looks[look].desired = .success(desired.moved(from: original, by: twins))
        }
        return other
    }

    private static func audit(_ fixture: Fixture, _ policies: PolicySet) async -> Report? {
        let run = AuditRun(observers: FixtureObservers(fixture), clock: FixtureClock(fixture.capturedAt))
        let controller = Controller(settings: fixture.settings, policies: policies)
        guard case .report(let report) = await run.run(controller) else { return nil }
        return report
    }
}

extension DesiredState {
    /// The same with the ids of drifts exchanged in what was said and done about them.
    fileprivate func moved(from original: DesiredState, by twins: DriftTwins) -> DesiredState {
        var unknown = 0
        let accepted = accepted.map { acceptance in
            var other = acceptance
            if let known = twins.id(acceptance.driftID) {
                other.driftID = known
            } else {
                unknown += 1
                let digits = String(unknown, radix: 16)
                other.driftID = String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
            }
            return other
        }
        return DesiredState(
            instances: instances, operations: operations, billing: billing, retired: retired, unreadable: unreadable,
            pauses: pauses, accepted: accepted, readAt: readAt, past: twins.past(original.past, answers: past.answers))
    }
}
