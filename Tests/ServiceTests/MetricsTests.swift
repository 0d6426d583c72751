import Core
import TestSupport
import Testing

/// What is offered to whoever scrapes.
@Suite("Metrics")
struct MetricsTests {
    static func fresh() -> DaemonStatus {
        DaemonStatus(
            startedAt: Moment(microseconds: 0), mode: .repair, cycle: .seconds(60),
            unconfigured: [.agents, .internalDNS, .velocity], webhooks: ["alerts", "a\"b\\c"])
    }

    /// One that leads, has repaired, and found something of several kinds.
    static func busy() throws -> DaemonStatus {
        var fleet = Fleet(6)
        fleet.observeQueues()
        fleet.addDeadBackup("op-dead", vmid: 5001)
        fleet.removeRecord("s5002")
        fleet.removeGuest(5003)
        fleet.pauses = [
            Pause(
                vmid: VMID(5002), since: Fleet.now - .minutes(1), until: Fleet.now + .minutes(60), why: "moves",
                by: "eva")
        ]
        let report = try #require(fleet.audit())
        var status = fresh()
        status.tenure = .acting(epoch: 7)
        status.roundBegan(moment: Moment(microseconds: 0))
        status.roundEnded(
            .report(report), took: Span(microseconds: 1_250_007), at: Fleet.now + .seconds(2),
            moment: Moment(microseconds: 2_000_000))
        let intent = try attempt(report)
        for outcome in [RepairOutcome.verified, .notVerified("x"), .refused("x"), .unknown("x"), .verified] {
            status.repairEnded(intent, outcome, moment: Moment(microseconds: 0))
        }
        (status.journaled, status.failures) = (12, 1)
        (status.givenUp, status.putOff) = (6, 5)
        status.sinks["alerts"]?.outcomes = [.posted: 3, .failed: 2]
        status.sinks["alerts"]?.pending = 4
        status.sinks["alerts"]?.trouble = "404"
        return status
    }

    /// At the dead operation of that one.
    private static func attempt(_ report: Report) throws -> Intent {
        let decision = try #require(report.decision(.operationStale))
        let operation = try #require(decision.drift.operation)
        let drift = OpenDrift(
            id: decision.drift.id, kind: .operationStale, vmid: VMID(5001), externalID: nil, hostname: nil,
            level: .automatic, action: .clearStaleOperationLock, verdict: .repair, reason: .policyMatched,
            since: Fleet.now)
        return Intent(
            drift: drift, act: .clearStaleOperationLock(operation), attempt: 2, epoch: 7, cycle: 2, policies: "",
            evidenceAt: Fleet.now)
    }

    @Test(arguments: [false, true])
    func prometheusTakesThem(isBusy: Bool) async throws {
        let status = try isBusy ? Self.busy() : Self.fresh()
        let promtool = try Promtool()
        let plain = try await promtool.check(prometheus: Metrics.text(status, as: .prometheus))
        #expect(plain.status == 0 && plain.said == "", "\(plain.said)")
        let open = try await promtool.check(openMetrics: Metrics.text(status, as: .openMetrics))
        #expect(open.status == 0, "\(open.said)")
    }

    @Test func prometheusDoesNotTakeEverything() async throws {
        let promtool = try Promtool()
        let broken = Metrics.text(Self.fresh()).replacing("zlh_leading 0", with: "zlh_leading zero")
        #expect(try await promtool.check(prometheus: broken).status != 0)
        #expect(try await promtool.check(openMetrics: broken).status != 0)
        let unended = Metrics.text(Self.fresh()).replacing("# EOF\n", with: "")
        #expect(try await promtool.check(openMetrics: unended).status != 0)
    }

    @Test func theTwoFormatsSayTheSame() throws {
        func samples(_ format: Metrics.Format) throws -> [Substring] {
            try Metrics.text(Self.busy(), as: format).split(separator: "\n").filter { !$0.hasPrefix("#") }
        }
        #expect(try samples(.openMetrics) == samples(.prometheus))
    }

    @Test func numbersAreThoseOfTheStatus() throws {
        let text = try Metrics.text(Self.busy())
        for line in [
            "zlh_rounds_total 1", "zlh_round_duration_seconds 1.250007", "zlh_epoch 7", "zlh_acting 1",
            #"zlh_repairs_total{action="clear_stale_operation_lock",outcome="verified"} 2"#,
            #"zlh_held{reason="paused"} 1"#, #"zlh_pending{reason="not_seen_long_enough"} 1"#,
            #"zlh_pending{reason="budget_spent"} 0"#, #"zlh_plane_complete{plane="proxmox"} 1"#,
            "zlh_journal_entries_total 12", "zlh_rounds_given_up_total 6", "zlh_repairs_put_off_total 5",
            #"zlh_drifts{kind="operation.stale",verdict="repair"} 1"#, #"zlh_webhook_up{webhook="alerts"} 0"#,
            #"zlh_webhook_up{webhook="a\"b\\c"} 1"#, #"zlh_webhook_pending{webhook="alerts"} 4"#,
            #"zlh_messages_total{webhook="alerts",outcome="posted"} 3"#,
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }

    @Test func aStandbyThatDiffersIsReadyAndSaysSo() throws {
        var status = try Self.busy()
        #expect(status.unready == nil && status.remark == nil)
        status.heard(.differs("mode repair instead of dry-run"))
        // Nothing of a round shows that it could write nothing down.
        status.heard(LeadStanding.lost(.schema("migration 10 is missing")), moment: Moment(microseconds: 0))
        #expect(status.unready == "migration 10 is missing; run `zlh-controller migrate`")
        // Two with a lock each take the row from each other, and neither would say so by anything else.
        status.heard(LeadStanding.rival(until: Moment(microseconds: 31_000_000)), moment: Moment(microseconds: 0))
        #expect(status.unready?.contains("by another lock") == true)
        #expect(Metrics.text(status).contains("zlh_rival 1\n"))
        status.heard(LeadStanding.starting, moment: Moment(microseconds: 0))
        #expect(status.unready == nil && status.remark?.contains("mode repair instead of dry-run") == true)
        #expect(Metrics.text(status).contains("zlh_standby_differs 1\n"))
        status.heard(.tookOver(epoch: 8, "mode dry-run instead of repair"))
        #expect(status.remark == nil)
        let text = Metrics.text(status)
        #expect(text.contains("zlh_standby_differs 0\n") && text.contains("zlh_differing_takeovers_total 1\n"))
        #expect(text.contains("zlh_rival 0\n"))
        #expect(text.contains("zlh_listening 0\n"))
        status.isListening = true
        #expect(Metrics.text(status).contains("zlh_listening 1\n"))
    }

    /// It is taken up in each round, for half an hour at most, and nothing new has failed.
    @Test func anAttemptThatStaysOpenIsCountedOnce() throws {
        var status = try Self.busy()
        let intent = try Self.attempt(#require(status.report))
        for _ in 1...30 { status.repairEnded(intent, .unknown("x"), moment: Moment(microseconds: 0)) }
        status.repairEnded(intent, .verified, moment: Moment(microseconds: 0))
        // Beside the one and the two that have ended before.
        let text = Metrics.text(status)
        for (outcome, count) in [("unknown", 2), ("verified", 3)] {
            let line = #"zlh_repairs_total{action="clear_stale_operation_lock",outcome="\#(outcome)"} \#(count)"#
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }

    @Test func noSampleIsThereTwice() throws {
        let names = try Metrics.text(Self.busy()).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .compactMap { $0.split(separator: " ").first }
        #expect(Set(names).count == names.count)
    }

    @Test func allOfThemAreThereFromTheBegin() {
        let text = Metrics.text(Self.fresh())
        for family in Metrics.families {
            #expect(text.contains("\n\(family.sampleName)"), "\(family.name)")
        }
        // No sample may come into being with its first event: a rate over it would not see that event.
        #expect(
            text.split(separator: "\n").count { $0.hasPrefix("zlh_repairs_total{") }
                == Action.allCases.count * DaemonStatus.outcomes.count)
    }

    @Test func whoAsksForOpenMetricsGetsIt() {
        #expect(Metrics.Format.wanted(by: nil) == .prometheus)
        #expect(Metrics.Format.wanted(by: "*/*") == .prometheus)
        #expect(
            Metrics.Format.wanted(by: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5") == .openMetrics)
    }

    /// A plane that nobody looks at is never incomplete, not even while the database is down.
    @Test func onlyConfiguredPlanesAreToldOf() throws {
        var failed = try Self.busy()
        failed.roundEnded(
            .desiredUnreadable(ReadFailure(.refused, "x", at: Fleet.now)), took: .seconds(1), at: Fleet.now,
            moment: Moment(microseconds: 0))
        // What was seen of the others is told meanwhile.
        var seen = failed
        seen.roundEnded(
            .desiredUnreadable(
                ReadFailure(.refused, "x", at: Fleet.now),
                seen: [Coverage(plane: .proxmox, status: .complete, observedAt: Fleet.now, detail: nil)]),
            took: .seconds(1), at: Fleet.now, moment: Moment(microseconds: 0))
        let text = Metrics.text(seen)
        #expect(text.contains("zlh_plane_complete{plane=\"proxmox\"} 1\n"))
        #expect(text.contains("zlh_plane_complete{plane=\"database\"} 0\n"))
        for (status, value) in [(Self.fresh(), 0), (try Self.busy(), 1), (failed, 0)] {
            let lines = Metrics.text(status).split(separator: "\n").filter { $0.hasPrefix("zlh_plane_complete{") }
            #expect(
                lines
                    == ["database", "proxmox", "dns.public", "queues"].map {
                        "zlh_plane_complete{plane=\"\($0)\"} \(value)"
                    })
        }
    }
}
