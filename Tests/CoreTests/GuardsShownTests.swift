import Core
import TestSupport
import Testing

/// Every guard of the table action × guard, holding alone in a fleet that gives it cause; seen in the verdict, in the
/// explanation, in the message and in the metric.
@Suite("The guards")
struct GuardsShownTests {
    struct Shown: Sendable, CustomTestStringConvertible {
        var deed: GuardTable.Deed
        var kind: DriftKind
        var reason: Reason
        var isZone: Bool { kind.plane == .publicDNS }
        var fleet: @Sendable () -> Fleet

        var testDescription: String { "\(kind.rawValue) × \(reason.rawValue)" }
    }

    private static let vmid = VMID(5001)!
    private static let now = Fleet.now

    private typealias Change = @Sendable (inout Fleet) -> Void

    private static func base(_ kind: DriftKind) -> Fleet {
        switch kind {
        case .operationStale: return .withDeadOperations(1, of: 3)
        case .velocityMissing:
            var fleet = Fleet.withHosts()
            fleet.unregister("mc-paper-5001")
            return fleet
        case .agentCrashed:
            var fleet = Fleet.withHosts()
            fleet.agents[5001] = .status(AgentStatus(state: .crashed))
            return fleet
        case .containerStopped:
            var fleet = Fleet()
            fleet.changeGuest(5001) { $0.status = "stopped" }
            return fleet
        case .containerOrphan:
            var fleet = Fleet(9)
            fleet.removeRow(5001)
            return fleet
        default:
            var fleet = Fleet.withHosts()
            fleet.removeRecord("s5001")
            return fleet
        }
    }

    private static func shown(_ kind: DriftKind, _ reason: Reason, _ change: @escaping Change) -> Shown {
        Shown(deed: GuardTable.deed(for: kind), kind: kind, reason: reason) {
            var fleet = base(kind)
            change(&fleet)
            return fleet
        }
    }

    /// What holds whatever the deed.
    private static func anyDeed(_ kind: DriftKind) -> [Shown] {
        [
            shown(kind, .evidenceStale) { $0.policies.brakes.evidenceMaxAge = .seconds(-1) }
        ]
    }

    /// What holds every repair.
    private static func anyRepair(_ kind: DriftKind) -> [Shown] {
        @Sendable func id(_ fleet: Fleet) -> String { fleet.audit()?.decision(kind)?.drift.id ?? "" }
        @Sendable func place(_ fleet: Fleet) -> String { fleet.audit()?.decision(kind)?.drift.place ?? "" }
        return anyDeed(kind) + [
            shown(kind, .paused) {
                $0.pauses = [Pause(vmid: vmid, since: now, until: now + .minutes(9), why: "move", by: "eva")]
            },
            shown(kind, .maintenanceWindow) {
                $0.calendar = RepairCalendar(denied: [(now - .minutes(1))..<(now + .minutes(1))])
            },
            shown(kind, .contested) { fleet in
                fleet.past.repaired = [place(fleet): [1, 20, 40].map { now - .minutes($0) }]
            },
            shown(kind, .quarantined) { fleet in fleet.past.inVain = [id(fleet): 5] },
        ]
    }

    /// What holds every change of the edge.
    private static func anyEdge(_ kind: DriftKind) -> [Shown] {
        anyRepair(kind) + [
            shown(kind, .evidenceUnknown) { $0.changeGuest(5001) { $0.name = nil } },
            shown(kind, .badHostname) { fleet in
                fleet.changeRow(5001) { $0.hostname = "shop" }
                fleet.changeGuest(5001) { $0.name = "shop" }
                fleet.records.removeAll { $0.id == "a5001" }
            },
            shown(kind, .operationInFlight) { $0.addOperation("op", .restart, vmid: 5001, status: .queued) },
            shown(kind, .agentBusy) { fleet in
                var status = Fleet.well
                status.operationInProgress = true
                fleet.agents[5001] = .status(status)
            },
            shown(kind, .proxmoxLocked) { $0.changeGuest(5001) { $0.lock = "backup" } },
            shown(kind, .foreignTask) { $0.tasks = ["n1": [GuestTask(vmid: vmid, type: "vzmigrate")]] },
        ]
    }

    static let all: [Shown] =
        anyRepair(.operationStale) + anyEdge(.publicSRVMissing) + anyEdge(.velocityMissing)
        + anyDeed(.containerStopped) + anyDeed(.containerOrphan) + [
            shown(.publicSRVMissing, .foreignRecord) { fleet in
                fleet.records.append(
                    DNSRecord(
                        id: "c", name: "_minecraft._tcp.mc-paper-5001.\(Fleet.zone)",
                        data: .cname("other.example.org"), ttl: 60, comment: nil))
            },
            shown(.velocityMissing, .addressUnconfirmed) {
                $0.addresses[vmid] = GuestAddresses(ipv4: [], isWhole: true)
            },
            shown(.agentCrashed, .addressUnconfirmed) { $0.addresses = [:] },
            shown(.velocityMissing, .agentNotReady) { fleet in
                var status = Fleet.well
                status.processRunning = false
                fleet.agents[5001] = .status(status)
            },
            Shown(deed: .databaseRepair, kind: .operationStale, reason: .massChange) { .withDeadOperations(9, of: 12) },
            Shown(deed: .edgeRepublish, kind: .publicSRVMissing, reason: .massChange) {
                var fleet = Fleet.withHosts(9)
                for number in 5001...5006 { fleet.removeRecord("s\(number)") }
                return fleet
            },
            Shown(deed: .edgeRepublish, kind: .velocityMissing, reason: .massChange) {
                var fleet = Fleet.withHosts(9)
                for number in 5001...5006 { fleet.unregister("mc-paper-\(number)") }
                return fleet
            },
        ]

    @Test(arguments: all)
    func holdsAloneAndIsSeenEverywhere(_ shown: Shown) throws {
        let fleet = shown.fleet()
        let report = try #require(fleet.audit())
        let decision = try #require(
            report.decisions.first { $0.drift.kind == shown.kind && $0.drift.subject.vmid == Self.vmid })
        #expect((decision.verdict, decision.reason) == (.held, shown.reason))
        #expect(decision.detail?.isEmpty == false)

        var known = try #require(fleet.audit(.explain(Self.vmid))?.explanation)
        if shown.reason == .massChange {
            // How many are hit is counted over the whole estate: one server's explanation has it from the leader.
            known.tell(Self.page(decision), policies: fleet.policies, duty: Fleet.duty())
        }
        let item = try #require(known.cases.first { $0.decision.drift.kind == shown.kind })
        #expect(item.holds.map(\.reason) == [shown.reason])
        let text = FactSheetText.encode(known.sheet)
        #expect(text.contains("\(shown.reason.rawValue): ") && text.contains(Words.remedy(shown.reason)))

        let notify = [Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")]
        let teller = IncidentMessage.Teller(id: "test-1", isDryRun: false)
        let told = OutboxBook.preview(report, notify, teller: teller).map(\.message.description).joined(separator: "\n")
        #expect(told.lowercased().contains(Words.reason(shown.reason).lowercased()), "\(told)")

        var status = DaemonStatus(startedAt: Moment(microseconds: 0), mode: .repair, cycle: .seconds(60))
        status.roundEnded(.report(report), took: .seconds(1), at: Fleet.now, moment: Moment(microseconds: 0))
        let held = report.decisions.count { $0.verdict == .held && $0.reason == shown.reason }
        func metric(_ count: Int) -> String { "zlh_held{reason=\"\(shown.reason.rawValue)\"} \(count)\n" }
        #expect(Metrics.text(status).contains(metric(held)))
        // What somebody has decided to live with rings no alert.
        var accepted = report
        for index in accepted.decisions.indices {
            accepted.decisions[index].accepted = Acceptance(
                driftID: accepted.decisions[index].drift.id, reason: "known", until: Fleet.now + .minutes(1), by: "ops")
        }
        status.roundEnded(.report(accepted), took: .seconds(1), at: Fleet.now, moment: Moment(microseconds: 0))
        #expect(Metrics.text(status).contains(metric(0)))
    }

    private static func page(_ decision: Decision) -> LedgerPage {
        let open = OpenDrift(
            id: decision.drift.id, kind: decision.drift.kind, vmid: vmid, externalID: nil, hostname: nil,
            level: .automatic, action: decision.action, verdict: decision.verdict, reason: decision.reason,
            since: Fleet.now)
        return LedgerPage(
            open: [open], tries: [:], attempts: [],
            leader: LedgerPage.Leader(epoch: 2, isClosed: false, stance: Stance(mode: "repair", policies: "p")))
    }

    /// Without its cause each of those fleets has nothing that holds.
    @Test(arguments: [DriftKind.operationStale, .publicSRVMissing, .velocityMissing])
    func withoutItsCauseNoneHolds(kind: DriftKind) throws {
        let decision = try #require(Self.base(kind).audit()?.decision(kind))
        #expect((decision.verdict, decision.reason) == (.repair, .policyMatched))
    }

    // MARK: The table itself

    private static let examples: [GuardTable.Deed: DriftKind] = [
        .databaseRepair: .operationStuck, .edgeRepublish: .velocityWrongAddress, .power: .containerStopped,
        .byPerson: .containerMissing, .nothing: .containerNodeChanged,
    ]

    /// A hold that a check found, whatever it found it by: it holds the deeds whose row of the table names it, and no other.
    @Test(arguments: GuardTable.Deed.allCases, Reason.allCases.filter { $0.isGuard && $0 != .massChange })
    func aGivenHoldHoldsWhatItsRowNames(deed: GuardTable.Deed, reason: Reason) throws {
        let kind = try #require(Self.examples[deed])
        var fleet = Fleet()
        fleet.observeQueues()
        let facts = Facts(desired: fleet.desired)
        let (expectation, _) = Diff.run(facts, settings: fleet.settings)
        var findings = Findings(instances: 3)
        var drift = Drift(
            kind: kind, subject: Subject(vmid: Self.vmid), desired: "this", observed: "that",
            evidence: Evidence(plane: .database, observedAt: Fleet.now), instance: nil,
            holds: reason == .causedBy ? [] : [Hold(reason, "given")])
        if reason == .causedBy { drift.causedBy = "0123456789abcdef" }
        findings.add(drift)
        let decide = Decide(
            expectation: expectation, facts: facts, policies: fleet.policies, settings: fleet.settings,
            calendar: .always, now: Fleet.now, dead: [])
        let decision = try #require(decide.run(findings).first)
        let isNamed = GuardTable.guards(for: deed).contains(reason)
        #expect((decision.verdict == .held) == isNamed)
        #expect((decision.reason == reason) == isNamed)
    }

    @Test func noRowOfTheTableIsWithoutAFleetOrAReason() {
        // What no check gives for these deeds, or what its cause keeps from being a drift at all: given holds show them.
        let given: [GuardTable.Deed: Set<Reason>] = [
            .databaseRepair: [.evidenceUnknown, .causedBy],
            // A suspended customer's edge is not looked at, nor is anything about a guest that is another one.
            .edgeRepublish: [.identityMismatch, .causedBy, .billingSuppressed],
            .power: [.evidenceUnknown, .causedBy], .byPerson: [.evidenceUnknown, .causedBy], .nothing: [.causedBy],
        ]
        for deed in GuardTable.Deed.allCases {
            let shown = Set(Self.all.filter { $0.deed == deed }.map(\.reason))
            let rest = given[deed] ?? []
            #expect(shown.isDisjoint(with: rest))
            #expect(shown.union(rest) == Set(GuardTable.guards(for: deed)), "\(deed.rawValue)")
        }
    }

    /// Records have to be right whether anything runs or not.
    @Test func aSilentAgentHoldsNoRecord() throws {
        var fleet = Self.base(.publicSRVMissing)
        fleet.agents[5001] = .failed(.timeout)
        #expect(fleet.audit()?.decision(.publicSRVMissing)?.verdict == .repair)
        fleet.agentsFailure = ReadFailure(.timeout, "no answer", at: Fleet.now)
        #expect(fleet.audit()?.decision(.publicSRVMissing)?.verdict == .repair)
    }

    /// It is somebody else's: the guest has another address, or rests.
    @Test func aBusyAgentOfAnotherHoldsNoRecord() throws {
        var fleet = Self.base(.publicSRVMissing)
        fleet.agents[5001] = .status(AgentStatus(state: .running, ready: true, operationInProgress: true))
        #expect(fleet.audit()?.decision(.publicSRVMissing)?.reason == .agentBusy)
        var stopped = fleet
        stopped.changeGuest(5001) { $0.status = "stopped" }
        #expect(stopped.audit()?.decision(.publicSRVMissing)?.verdict == .repair)
        // Its addresses are asked for once its agent is silent or something of the proxy differs.
        fleet.addresses[VMID(5001)!] = GuestAddresses(ipv4: ["10.70.9.9"], isWhole: true)
        fleet.agents[5001] = .status(
            AgentStatus(state: .crashed, processRunning: false, ready: false, operationInProgress: true))
        #expect(fleet.audit()?.decision(.publicSRVMissing)?.verdict == .repair)
    }

    /// So many absent at once are a doubtful listing: none of them is called gone, and its agent is its own.
    @Test func aBusyAgentHoldsWhileTheListingIsDoubted() throws {
        var fleet = Fleet.withHosts(9)
        fleet.removeRecord("s5001")
        fleet.agents[5001] = .status(AgentStatus(state: .running, ready: true, operationInProgress: true))
        for vmid in 5001...5007 { fleet.removeGuest(vmid) }
        let known = try #require(fleet.audit(.explain(VMID(5001)!))?.explanation)
        #expect(known.unknown.contains { $0.reason == .bulkAbsence })
        let record = try #require(known.cases.first { $0.decision.drift.kind == .publicSRVMissing })
        #expect(record.holds.contains { $0.reason == .agentBusy })
        #expect(known.sights.first { $0.plane == .agents }?.shows == .present)
    }

    /// A shift of a minute either way decides.
    @Test func aWindowThatAllowsHoldsOutsideOfIt() throws {
        var fleet = Self.base(.publicSRVMissing)
        fleet.calendar = RepairCalendar(allowed: [Self.now..<(Self.now + .minutes(1))])
        #expect(fleet.audit()?.decision(.publicSRVMissing)?.verdict == .repair)
        fleet.calendar = RepairCalendar(allowed: [(Self.now - .minutes(1))..<Self.now])
        #expect(fleet.audit()?.decision(.publicSRVMissing)?.reason == .maintenanceWindow)
    }

    /// Whoever waits wants to know for what, and until when.
    @Test func aWindowSaysWhichWayItHoldsAndUntilWhen() throws {
        let (now, hour) = (Self.now, Span.minutes(60))
        let (denied, night) = ((now - hour)..<(now + hour), (now + hour + hour)..<(now + hour + hour + hour))
        let cases: [(RepairCalendar, Timestamp?, String)] = [
            (RepairCalendar(denied: [denied]), now + hour, "a window that denies repairs is open, until \(now + hour)"),
            (
                RepairCalendar(allowed: [night]), night.lowerBound,
                "repairs are allowed in windows alone, and none is open; they may begin again at \(night.lowerBound)"
            ),
            (RepairCalendar(allowed: []), nil, "repairs are allowed in windows alone, and none is open"),
            // One ends where another one goes on.
            (
                RepairCalendar(denied: [denied, (now + .minutes(30))..<(now + hour + hour)]), now + hour + hour,
                "a window that denies repairs is open, until \(now + hour + hour)"
            ),
            (
                RepairCalendar(denied: [denied], allowed: [night]), night.lowerBound,
                "a window that denies repairs is open, until \(night.lowerBound)"
            ),
        ]
        for (calendar, until, words) in cases {
            var fleet = Self.base(.publicSRVMissing)
            fleet.calendar = calendar
            let decision = try #require(fleet.audit()?.decision(.publicSRVMissing))
            #expect(decision.detail == words)
            #expect(decision.heldUntil == until)
        }
    }
}
