import Core
import TestSupport
import Testing

@testable import Runtime

/// A daemon that is asked to stop ends the repair that runs, however its services hang, before the service manager kills it.
@Suite struct StopTimeTests {
    /// A seconds-valued setting of the unit, in minutes.
    private static func minutes(_ key: String) throws -> Span {
        let lines = try DocumentTests.text("packaging/zlh-controller.service").split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("\(key)=") && $0.hasSuffix("min") })
        return .minutes(try #require(Int64(line.dropFirst(key.count + 1).dropLast(3))))
    }

    /// The longest way through a repair of the edge: published, not wanted any more, taken back, and each service copies late.
    private static func longest(_ actDeadline: Span) throws -> Span {
        var fleet = Fleet(1)
        fleet.records = []
        let row = try #require(fleet.desired.instances.first)
        let rule = try #require(EdgeWish.rules(for: row, in: .publicDNS, settings: fleet.settings).first)
        let change = EdgeChange.record(RecordChange(rule, deed: .create))
        let drift = OpenDrift(
            id: "0123456789abcdef", kind: .publicAMissing, vmid: row.vmid, externalID: row.key.externalID,
            hostname: row.hostname, level: .automatic, action: .edgeRepublish, verdict: .repair, reason: .policyMatched,
            since: Fleet.now)
        let intent = Intent(
            drift: drift, act: .edgeRepublish(EdgeGrounds(key: row.key, change: change, dead: [])), attempt: 1,
            epoch: 1,
            cycle: 1, policies: fleet.policies.hash, evidenceAt: Fleet.now)
        let ours = DNSRecord(id: "1", name: rule.name, data: rule.wanted, ttl: rule.ttl, comment: rule.mark)
        let call = min(actDeadline, EdgeRepairer.longestCall)
        var saga = EdgeSaga(intent, change)
        var answer = EdgeSaga.Answer.begun
        var (checks, isUndone) = (0, false)
        // Before the saga the service is asked whether it takes anything.
        var spent = call.microseconds
        while true {
            switch saga.next(answer, under: PoliciesInForce(fleet.policies, calendar: .always), at: Fleet.now) {
            case .end(.compensated): return Span(microseconds: spent)
            case .end(let outcome):
                Issue.record("it ended: \(outcome)")
                return Span(microseconds: spent)
            case .step(let step):
                switch step {
                case .claim: answer = .claimed
                case .look: answer = .seen(.records([]))
                case .write: answer = .written(.done(id: "1", note: ""))
                case .note: answer = .noted
                case .check(let after):
                    spent += after.microseconds
                    checks += 1
                    let isLast = checks == EdgeSaga.patience.count
                    answer = .seen(.records(isLast == isUndone ? [] : [ours]))
                case .announce: answer = .announced
                case .stand: answer = .fallen("x")
                case .undo:
                    (checks, isUndone) = (0, true)
                    answer = .written(.done(id: nil, note: ""))
                case .close: answer = .closed
                }
                switch step {
                case .write, .undo: spent += actDeadline.microseconds
                default: spent += call.microseconds
                }
            }
        }
    }

    /// Many records too many, and a listing that shows each removal at the last look only.
    private static func longestRemoval(_ actDeadline: Span) throws -> Span {
        let fleet = Fleet(1)
        let row = try #require(fleet.desired.instances.first)
        let rule = try #require(EdgeWish.rules(for: row, in: .publicDNS, settings: fleet.settings).first)
        func record(_ id: Int, _ data: DNSRecord.Data) -> DNSRecord {
            DNSRecord(id: "\(id)", name: rule.name, data: data, ttl: rule.ttl, comment: rule.mark)
        }
        let right = record(0, rule.wanted)
        var here = (1...9).map { record($0, .a("192.0.2.\($0)")) }
        let change = EdgeChange.record(RecordChange(rule, deed: .removeSurplus(here, keeping: right)))
        let drift = OpenDrift(
            id: "0123456789abcdef", kind: .publicADuplicate, vmid: row.vmid, externalID: row.key.externalID,
            hostname: row.hostname, level: .automatic, action: .edgeRepublish, verdict: .repair, reason: .policyMatched,
            since: Fleet.now)
        let intent = Intent(
            drift: drift, act: .edgeRepublish(EdgeGrounds(key: row.key, change: change, dead: [])), attempt: 1,
            epoch: 1, cycle: 1, policies: fleet.policies.hash, evidenceAt: Fleet.now)
        let call = min(actDeadline, EdgeRepairer.longestCall)
        var saga = EdgeSaga(intent, change)
        var answer = EdgeSaga.Answer.begun
        var (spent, checks, shown) = (call, 0, here)
        func add(_ span: Span) { spent = Span(microseconds: spent.microseconds + span.microseconds) }
        while true {
            switch saga.next(
                answer, under: PoliciesInForce(fleet.policies, calendar: .always), at: Fleet.now + spent)
            {
            case .end(.refused): return spent
            case .end(let outcome):
                Issue.record("it ended: \(outcome)")
                return spent
            case .step(let step):
                add(call)
                switch step {
                case .claim: answer = .claimed
                case .look: answer = .seen(.records([right] + shown))
                case .write:
                    add(Span(microseconds: actDeadline.microseconds - call.microseconds))
                    here.removeFirst()
                    checks = 0
                    answer = .written(.done(id: nil, note: ""))
                case .note: answer = .noted
                case .announce: answer = .announced
                case .check(let after):
                    add(after)
                    checks += 1
                    if checks == EdgeSaga.patience.count { shown = here }
                    answer = .seen(.records([right] + shown))
                case .stand: answer = .stands
                case .undo: answer = .mayNotAct("this process may not act any more")
                case .close: answer = .closed
                }
            }
        }
    }

    @Test func theLongestRepairFitsTheUnit() throws {
        let published = try Self.longest(LeadTimes.longestActDeadline)
        let removed = try Self.longestRemoval(LeadTimes.longestActDeadline)
        #expect(removed > .minutes(1), "\(removed)")
        let repair = max(published, removed)
        // Row and lock are given back in three tries each; a client of the control API is waited for two seconds more.
        let times = LeadTimes(ttl: .minutes(10), actDeadline: LeadTimes.longestActDeadline)
        let stop = Span(microseconds: repair.microseconds + 6 * times.callTimeout.microseconds + 2_000_000)
        let (mostToStop, watchdog) = (try Self.minutes("TimeoutStopSec"), try Self.minutes("WatchdogSec"))
        #expect(stop < mostToStop, "\(stop)")
        // The watchdog is fed for two minutes without progress, and waits as long again.
        #expect(repair < Span(microseconds: 2 * watchdog.microseconds), "\(repair)")
        #expect(repair > .minutes(2), "a way that is not the longest says nothing: \(repair)")
    }
}
