import Core
import TestSupport
import Testing

/// A proxy that restarts forgets every backend, and fills its list again by itself.
@Suite("A proxy's restart")
struct ProxyRestartTests {
    private static func daemon(_ count: Int) -> LedgerDaemon {
        var daemon = LedgerDaemon(.withHosts(count))
        daemon.lead()
        daemon.round()
        return daemon
    }

    private static func forget(_ numbers: ClosedRange<Int>, _ daemon: inout LedgerDaemon) {
        for number in numbers { daemon.fleet.unregister("mc-paper-\(number)") }
    }

    private static func missing(_ report: Report) -> [Decision] {
        report.decisions.filter { $0.drift.kind == .velocityMissing }
    }

    @Test func isOneIncidentThatIsHeldAndEndsByItself() {
        var daemon = Self.daemon(30)
        let list = daemon.fleet.proxy
        Self.forget(5001...5030, &daemon)
        daemon.fleet.register("lobby", "10.0.0.9")
        daemon.round()
        let missing = Self.missing(daemon.last)
        #expect(missing.count == 30 && missing.allSatisfy { $0.commonCause == .proxyRestart })
        #expect(missing.allSatisfy { $0.verdict == .held && $0.reason == .massChange })
        #expect(missing.allSatisfy { $0.detail?.contains("lacks 30 of 30 backends, as after a restart") == true })
        let json = String(decoding: ReportJSON.encode(daemon.last), as: UTF8.self)
        #expect(json.contains(#""common_cause": "proxy_restart""#) || json.contains(#""common_cause":"proxy_restart""#))
        daemon.fleet.proxy = list
        daemon.round()
        #expect(daemon.last.decisions == [] && daemon.intents == [])
    }

    /// A fleet so small that no brake on many changes holds it.
    @Test func registersNothingBeforeTheProxyHadItsTime() {
        var daemon = Self.daemon(3)
        Self.forget(5001...5003, &daemon)
        for _ in 0..<2 {
            daemon.round()
            let missing = Self.missing(daemon.last)
            #expect(missing.count == 3 && missing.allSatisfy { $0.verdict == .repair })
            #expect(missing.allSatisfy { $0.pending.contains(.notSeenLongEnough) })
            #expect(missing.allSatisfy { $0.detail?.contains("nothing is registered for 2 min") == true })
        }
        #expect(daemon.intents == [])
        daemon.round()
        #expect(daemon.intents.map(\.drift.kind) == [.velocityMissing, .velocityMissing, .velocityMissing])
        daemon.round()
        #expect(daemon.last.decisions == [])
    }

    /// Its own agent alone is asked, so that of the others it is only known that the proxy lacks them.
    @Test func anExplanationSaysThatTheDaemonWaits() throws {
        var fleet = Fleet.withHosts(30)
        for number in 5001...5030 { fleet.unregister("mc-paper-\(number)") }
        var known = try #require(fleet.audit(.explain(VMID(5001)!))?.explanation)
        let item = try #require(known.cases.first)
        #expect(known.cases.count == 1 && item.decision.commonCause == .proxyRestart)
        #expect(item.decision.detail?.contains("lacks up to 30 of 30 backends, as after a restart") == true)
        #expect(item.needed.contains { $0.contains("registers nothing before 2 min have passed") })

        let page = { (since: Timestamp?) in
            let open = since.map { since in
                OpenDrift(
                    id: item.decision.drift.id, kind: .velocityMissing, vmid: VMID(5001), externalID: nil,
                    hostname: nil,
                    level: .automatic, action: item.decision.action, verdict: .repair, reason: .policyMatched,
                    since: since)
            }
            return LedgerPage(
                open: open.map { [$0] } ?? [], tries: [:], attempts: [],
                leader: .init(epoch: 4, isClosed: false, stance: Stance(mode: "repair", policies: "p")))
        }
        func next(_ since: Timestamp?) -> Prospect? {
            known.tell(page(since), policies: fleet.policies, duty: Fleet.duty())
            guard case .read(let prospects, _, _)? = known.ledger else { return nil }
            return prospects.first
        }
        #expect(next(nil)?.next == "attempt 1, if the proxy does not fill its list by itself: it is given its time")
        #expect(next(Fleet.now - .seconds(30))?.notBefore == Fleet.now + .seconds(90))
        #expect(next(Fleet.now - .minutes(5))?.next.contains("with the next round of the leader") == true)

        // One that is missing among many has no such cause.
        var calm = Fleet.withHosts(30)
        calm.unregister("mc-paper-5001")
        let alone = try #require(calm.audit(.explain(VMID(5001)!))?.explanation?.cases.first)
        #expect(alone.decision.commonCause == nil && !alone.needed.contains { $0.contains("registers nothing") })
    }

    @Test func waitsAlsoForTheLastOnesWhenMostAreBack() {
        var daemon = Self.daemon(30)
        let list = daemon.fleet.proxy
        Self.forget(5001...5030, &daemon)
        daemon.round()
        daemon.fleet.proxy = list
        Self.forget(5001...5002, &daemon)
        daemon.round()
        #expect(Self.missing(daemon.last).map(\.commonCause) == [nil, nil])
        #expect(Self.missing(daemon.last).map(\.pending) == [[.notSeenLongEnough], [.notSeenLongEnough]])
        daemon.round()
        #expect(Self.missing(daemon.last).map(\.pending) == [[], []])
    }

    @Test func aSecondRestartBeginsTheTimeAnew() {
        var daemon = Self.daemon(3)
        let list = daemon.fleet.proxy
        Self.forget(5001...5003, &daemon)
        daemon.round()
        daemon.fleet.proxy = list
        daemon.round()
        Self.forget(5001...5003, &daemon)
        daemon.round()
        daemon.round()
        #expect(Self.missing(daemon.last).allSatisfy { $0.pending.contains(.notSeenLongEnough) })
    }

    /// The proxy did not fill its list: an operator looks and approves, and the budget bounds what is registered at once.
    @Test func isHeldUntilItIsApprovedAndHealsWithoutAFlood() {
        var fleet = Fleet.withHosts(30)
        fleet.policies.brakes.budgetPerMinute = 12
        var daemon = LedgerDaemon(fleet)
        daemon.lead()
        daemon.round()
        Self.forget(5001...5030, &daemon)
        for _ in 0..<5 { daemon.round() }
        #expect(Self.missing(daemon.last).allSatisfy { $0.reason == .massChange } && daemon.intents == [])
        daemon.answer(.approve, plan: daemon.plan)
        daemon.round()
        #expect(daemon.begun(rounds: 4) == [12, 12, 6, 0])
        #expect(daemon.last.decisions == [])
    }

    /// An approval is no leave to hurry.
    @Test func anApprovalDoesNotShortenTheTimeThatTheProxyHas() {
        var daemon = Self.daemon(30)
        Self.forget(5001...5030, &daemon)
        daemon.round()
        daemon.answer(.approve, plan: daemon.plan)
        daemon.now = daemon.now - .seconds(40)
        daemon.round()
        daemon.now = daemon.now - .seconds(40)
        daemon.round()
        #expect(Self.missing(daemon.last).allSatisfy { $0.verdict == .repair && $0.pending == [.notSeenLongEnough] })
        #expect(daemon.intents == [])
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.last.decisions == [] && daemon.intents.count == 30)
    }

    @Test(arguments: [(3, 1, false), (3, 2, true), (1, 1, true), (30, 6, false), (30, 7, true), (5, 2, false)])
    func isSuspectedWhenMuchIsMissing(count: Int, gone: Int, isSuspected: Bool) throws {
        var fleet = Fleet.withHosts(count)
        for number in 0..<gone { fleet.unregister("mc-paper-\(5001 + number)") }
        let report = try #require(fleet.audit())
        #expect(report.decisions.count == gone)
        #expect(report.decisions.allSatisfy { ($0.commonCause == .proxyRestart) == isSuspected })
    }

    @Test func aProxyThatCannotBeReadDoesNotEndTheWaiting() {
        var daemon = Self.daemon(3)
        Self.forget(5001...5003, &daemon)
        daemon.round()
        daemon.fleet.proxyFailure = ReadFailure(.timeout, "no answer", at: Fleet.now)
        daemon.handle(.woke(.cycle))
        daemon.fleet.proxyFailure = nil
        daemon.handle(.woke(.cycle))
        #expect(Self.missing(daemon.last).count == 3)
        #expect(Self.missing(daemon.last).allSatisfy { $0.pending.contains(.notSeenLongEnough) })
    }
}
