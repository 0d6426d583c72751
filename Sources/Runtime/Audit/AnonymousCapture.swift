package import Core
package import Fixtures

/// A recorded estate with other names, and its acceptances with it.
///
/// A drift's id is a hash over who it is about, so under other names it has another id. Both estates are therefore audited,
/// and an acceptance moves to the drift that stands where the accepted one stood; one that stands for no drift gets an id
/// that stands for none.
package enum AnonymousCapture {
    package static func make(of fixture: Fixture, policies: PolicySet) async -> Fixture {
        var (other, renamed) = fixture.anonymized()
        let before = Dictionary(grouping: await audit(fixture, policies)) { Place($0, renamed) }
        let after = Dictionary(grouping: await audit(other, policies)) { Place($0) { $0 } }
        var ids: [String: String] = [:]
        for (place, originals) in before {
            for (original, pseudonym) in zip(originals, after[place] ?? []) { ids[original.id] = pseudonym.id }
        }
        for look in other.looks.indices {
            guard case .success(let desired) = other.looks[look].desired else { continue }
            other.looks[look].desired = .success(desired.accepting { ids[$0] })
        }
        return other
    }

    /// Where a drift stands, in the other names.
    private struct Place: Hashable {
        var kind: DriftKind
        var vmid: VMID?
        var hostname: String?
        var record: String?

        init(_ drift: Drift, _ renamed: (String) -> String) {
            kind = drift.kind
            vmid = drift.subject.vmid
            // A name comes as somebody wrote it, its pseudonym in the canonical form.
            hostname = drift.subject.hostname.map(renamed)
            record = drift.subject.record.map(renamed)
        }
    }

    private static func audit(_ fixture: Fixture, _ policies: PolicySet) async -> [Drift] {
        let run = AuditRun(observers: FixtureObservers(fixture), clock: FixtureClock(fixture.capturedAt))
        let controller = Controller(settings: fixture.settings, policies: policies)
        guard case .report(let report) = await run.run(controller) else { return [] }
        return report.decisions.map(\.drift)
    }
}

extension DesiredState {
    /// The same with the acceptances' ids exchanged.
    fileprivate func accepting(_ id: (String) -> String?) -> DesiredState {
        var unknown = 0
        let accepted = accepted.map { acceptance in
            var other = acceptance
            if let known = id(acceptance.driftID) {
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
            pauses: pauses, accepted: accepted, readAt: readAt)
    }
}
