import Core
import TestSupport
import Testing

@testable import Platform

/// A zone of several pages, and a platform that changes rows without end: what is asked of Cloudflare at most has to be enough
/// for rounds that see the zone, twice in a row.
@Suite("Rows that change all the time")
struct ChangingPlatformTests {
    @Test(arguments: [3, 4])
    func whatIsMissingInALargeZoneIsRepairedAllTheSame(pages: Int) throws {
        var daemon = ChangingPlatform(pages: pages)
        daemon.run(for: .minutes(10))
        for host in [5001, 5002, 5003] {
            let missing = daemon.now
            daemon.fleet.removeRecord("s\(host)")
            daemon.run(for: .minutes(12))
            let repaired = try #require(
                daemon.repaired.first { $0.vmid == VMID(host) }, "\(host) was never repaired, \(daemon.seen)")
            #expect(repaired.at - missing <= .minutes(10), "\(host) after \(repaired.at - missing)")
        }
        // What was asked brought something more often than not.
        #expect(daemon.seen.count { $0 } * 2 > daemon.seen.count, "\(daemon.seen)")
    }

    /// Whoever would come to no end takes nothing away from the next one.
    @Test func aListingWithoutRoomForAllItsPagesTakesNoPlace() {
        let allowance = CallAllowance.cloudflare()
        let start = ContinuousClock.now
        while allowance.take(at: start, until: start + .seconds(1)) != nil {}
        let before = allowance.room(for: 1, at: start)
        #expect(allowance.hasRoom(for: 2, at: start, until: start + .seconds(11)))
        #expect(!allowance.hasRoom(for: 3, at: start, until: start + .seconds(10)))
        #expect(allowance.room(for: 1, at: start) == before)
    }
}

/// A daemon in virtual time whose looks at the public zone wait for the allowance as the real ones do. Some row changes each second.
private struct ChangingPlatform {
    var fleet = Fleet.withHosts(6)
    private(set) var now = Fleet.now
    /// Whether each round saw the public zone, in both looks where it needed two.
    private(set) var seen: [Bool] = []
    private(set) var repaired: [(vmid: VMID?, at: Timestamp)] = []
    private let pages: Int
    private var controller: Controller
    private let allowance = CallAllowance.cloudflare()
    private let size = ZoneSize()
    private let start = ContinuousClock.now
    private var agenda: [(at: Timestamp, life: Int, event: Event)] = []
    private var alarm: Timestamp?
    private var changesAt = Fleet.now
    /// Of the round that runs: what belongs to an earlier one reaches nobody.
    private var life = 0

    init(pages: Int) {
        self.pages = pages
        controller = Controller(
            settings: fleet.settings, policies: fleet.policies,
            duty: Duty(mode: .repair, kinds: [KindPattern("*")], vmids: nil, cycle: .seconds(60)))
        handle(.tenure(.acting(epoch: 1)))
        handle(.woke(.cycle))
    }

    mutating func run(for span: Span) {
        let end = now + span
        while true {
            let next = agenda.min { $0.at < $1.at }?.at
            now = min(end, changesAt, alarm ?? end, next ?? end)
            if now == end { return }
            if let place = agenda.firstIndex(where: { $0.at <= now }) {
                let (_, life, event) = agenda.remove(at: place)
                if life == self.life { handle(event) }
            } else if let due = alarm, due <= now {
                alarm = nil
                handle(.woke(.cycle))
            } else {
                changesAt = now + .seconds(1)
                handle(.desiredChanged(.instances([VMID(5006)!])))
            }
        }
    }

    private mutating func handle(_ event: Event) {
        var queue = controller.handle(event, at: now)
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .observe(let look): observe(look)
            case .wake(.cycle, let moment): alarm = moment
            case .wake(let wake, let moment): agenda.append((moment, life, .woke(wake)))
            case .tell(let outcome):
                life += 1
                if case .report(let report) = outcome { seen.append(!report.isPublicZoneLimited) }
            case .giveWay: life += 1
            case .recall: queue += controller.handle(.recalled(Memory()), at: now)
            case .journal(_, _, _, let intents): queue += controller.handle(.journaled(true, then: intents), at: now)
            case .redeem: queue += controller.handle(.redeemed(false), at: now)
            case .repair(let intent):
                if case .edgeRepublish(let grounds) = intent.act, case .record(let change) = grounds.change {
                    let name = change.rule.name
                    fleet.records.append(
                        DNSRecord(
                            id: "s\(intent.drift.vmid!)", name: name, data: change.rule.wanted, ttl: 60, comment: nil)
                    )
                }
                repaired.append((intent.drift.vmid, now))
                queue += controller.handle(.repaired(intent, .verified), at: now)
            }
        }
    }

    private mutating func observe(_ look: Look) {
        guard look.plane == .publicDNS else {
            let at = now + .milliseconds(200)
            return agenda.append((at, life, .observed(fleet.observation(look, at: now))))
        }
        let (at, isRead) = list()
        let failure = ReadFailure(.rateLimited, "no room", at: now)
        agenda.append(
            (
                at, life,
                .observed(
                    isRead
                        ? fleet.observation(look, at: now)
                        : Observation(look: look.number, content: .publicZone(.failure(failure))))
            ))
    }

    /// As a listing does it: `dns.public.timeout` is ten seconds.
    private func list() -> (at: Timestamp, isRead: Bool) {
        var instant = start + .microseconds((now - Fleet.now).microseconds)
        let deadline = instant + .seconds(10)
        guard allowance.hasRoom(for: size.pages, at: instant, until: deadline) else { return (now, false) }
        let begun = instant
        for page in 1...pages {
            guard let at = allowance.take(at: instant, until: deadline) else { return (now + .seconds(10), false) }
            instant = at
            size.note(pages: pages)
            if page == 1, !allowance.hasRoom(for: pages - 1, at: instant, until: deadline) { return (now, false) }
        }
        return (now + Span(instant - begun) + .milliseconds(200), true)
    }
}
