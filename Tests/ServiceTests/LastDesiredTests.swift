import Core
import TestSupport
import Testing

@testable import Runtime

/// What a round has read last decides whether a change is one.
@Suite("The desired state that was read last")
struct LastDesiredTests {
    private static let vmid = VMID(5002)!

    private static func slices(_ fleet: Fleet) -> [VMID: DesiredSlice] {
        [vmid: DesiredSlice(vmid, in: fleet.desired)]
    }

    @Test func theSameIsNoNewsAndAnythingElseIs() {
        let last = LastDesired()
        var fleet = Fleet()
        #expect(!last.says(Self.slices(fleet)), "nothing was read yet")
        last.readingBegins()
        last.readingEnded(fleet.desired)
        #expect(last.says(Self.slices(fleet)))
        fleet.changeRow(5003) { $0.port = 1 }
        #expect(last.says(Self.slices(fleet)), "another server's")
        fleet.changeRow(5002) { $0.port = 1 }
        #expect(!last.says(Self.slices(fleet)))
    }

    @Test func whileItIsReadAndAfterAReadingThatFailedNothingIsTheSame() {
        let (last, fleet) = (LastDesired(), Fleet())
        last.readingBegins()
        last.readingEnded(fleet.desired)
        last.readingBegins()
        #expect(!last.says(Self.slices(fleet)))
        last.readingEnded(nil)
        #expect(!last.says(Self.slices(fleet)))
        // One of two that overlap still reads.
        last.readingBegins()
        last.readingBegins()
        last.readingEnded(fleet.desired)
        #expect(!last.says(Self.slices(fleet)))
        last.readingEnded(fleet.desired)
        #expect(last.says(Self.slices(fleet)))
    }

    @Test func observersRememberWhatTheyRead() async {
        struct Rows: Observers {
            let fleet: Fleet
            func observe(_ look: Look) async -> Observation { fleet.observation(look, at: Fleet.now) }
        }
        let (last, fleet) = (LastDesired(), Fleet())
        let observers = RememberingObservers(observers: Rows(fleet: fleet), last: last)
        _ = await observers.observe(Look(plane: .publicDNS, number: 1))
        #expect(!last.says(Self.slices(fleet)))
        _ = await observers.observe(Look(plane: .database, number: 1))
        #expect(last.says(Self.slices(fleet)))
    }

    /// The agents and guests of a round are those of its first look.
    @Test func whatOnlyASecondLookHasReadIsNews() async {
        struct Rows: Observers {
            var first = Fleet()
            var second = Fleet()
            func observe(_ look: Look) async -> Observation {
                (look.number == 1 ? first : second).observation(look, at: Fleet.now)
            }
        }
        var rows = Rows()
        rows.first.changeRow(5002) { $0.status = .provisioning }
        let last = LastDesired()
        let observers = RememberingObservers(observers: rows, last: last)
        for number in 1...2 { _ = await observers.observe(Look(plane: .database, number: number)) }
        #expect(!last.says(Self.slices(rows.second)))
        #expect(last.says(Self.slices(rows.first)))
    }
}
