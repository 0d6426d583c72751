import Core
import TestSupport
import Testing

@Suite("An explanation")
struct ExplanationTests {
    private func explain(_ number: Int, _ change: (inout Fleet) -> Void = { _ in }) throws -> Explanation {
        var fleet = Fleet(9)
        change(&fleet)
        let report = try #require(fleet.audit(.explain(VMID(number)!)))
        return try #require(report.explanation)
    }

    @Test func ofAServerThatIsWell() throws {
        let known = try explain(5001)
        #expect(known.answer == .instance && known.cases.isEmpty && known.unknown.isEmpty)
        #expect(known.rows.map(\.word) == [.inSync])
        #expect(
            known.sights.filter { $0.shows == .present }.map(\.plane) == [.database, .proxmox, .publicDNS, .publicDNS])
        #expect(known.sights.count { $0.shows == .notConfigured } == 4)
        #expect(known.sights.filter { $0.plane == .proxmox }.map(\.shows) == [.present, .unknown, .absent])
    }

    @Test func namesAllThatHoldsNotTheFirstAlone() throws {
        let known = try explain(5002) { fleet in
            fleet.removeRecord("s5002")
            fleet.billing = []
            fleet.addOperation("op", .backup, vmid: 5002, status: .running)
            fleet.changeGuest(5002) { $0.lock = "backup" }
            fleet.pauses = [
                Pause(vmid: nil, since: Fleet.now, until: Fleet.now + .minutes(5), why: "move", by: "ada")
            ]
        }
        let item = try #require(known.cases.first)
        #expect(known.cases.count == 1 && item.decision.reason == .paused)
        #expect(item.holds.map(\.reason) == [.paused, .operationInFlight, .proxmoxLocked])
        #expect(item.needed == [.paused, .operationInFlight, .proxmoxLocked].map(Words.remedy))
        #expect(known.operations.map(\.id) == ["op"] && known.pauses.count == 1)
        let text = FactSheetText.encode(known.sheet)
        for reason in [Reason.paused, .operationInFlight, .proxmoxLocked] {
            #expect(text.contains(reason.rawValue) && text.contains(Words.remedy(reason)))
        }
    }

    @Test func showsWhatIsAbsentAndOnWhatThatRests() throws {
        let known = try explain(5002) { fleet in
            fleet.removeGuest(5002)
            fleet.probes = [VMID(5002)!: true]
        }
        let guest = try #require(known.sights.first { $0.plane == .proxmox })
        #expect(guest.shows == .absent && guest.evidence?.looks == 2)
        #expect(known.cases.map(\.decision.drift.kind) == [.containerMissing])
        #expect(known.cases[0].needed == [Words.remedy(.personOnly)])
    }

    @Test func neverCallsGoneWhatTheReportCallsUnknown() throws {
        let known = try explain(5002) { fleet in
            for number in 5001...5007 { fleet.removeGuest(number) }
        }
        let guest = try #require(known.sights.first { $0.plane == .proxmox })
        #expect(guest.shows == .unknown && guest.reason == .bulkAbsence)
        #expect(known.cases.isEmpty && known.unknown.map(\.reason) == [.bulkAbsence])
    }

    @Test func ofAVMIDWithoutARow() throws {
        #expect(try explain(5500).answer == .nothing)
        #expect(try explain(9001).answer == .outOfScope)
        let orphan = try explain(5003) { $0.removeRow(5003) }
        #expect(orphan.answer == .orphan && orphan.cases.map(\.decision.drift.kind).contains(.containerOrphan))
        let claimed = try explain(5500) { $0.addOperation("op", .create, vmid: 5500, status: .running) }
        #expect(claimed.answer == .claimed)
        let doubt = try explain(5003) { fleet in
            fleet.removeRow(5003)
            fleet.addOperation("op", .create, vmid: nil, status: .queued)
        }
        #expect(doubt.answer == .guestInDoubt && doubt.unknown.map(\.reason).contains(.createWithoutVMID))
        let retired = try explain(5500) { fleet in
            fleet.retired = [
                RetiredInstance(
                    vmid: VMID(5500)!, externalID: nil, customer: nil, hostname: "mc-paper-5500", game: "minecraft",
                    deletedAt: Fleet.now)
            ]
        }
        #expect(retired.answer == .retired && retired.retired.count == 1)
        let unknown = try explain(5500) { $0.permissions = [:] }
        #expect(unknown.answer == .unknown)
        let unreadable = try explain(5500) { fleet in
            fleet.unreadable = [
                UnreadableRow(table: .instance, vmid: VMID(5500), externalID: nil, hostname: nil, why: "status 'x'")
            ]
        }
        #expect(unreadable.answer == .unreadableRow)
    }

    /// One look could come at a moment when the list is short, and a rule on that very guest hides it from every list.
    @Test func noGuestOfNoRowIsEarnedLikeAnyOtherAbsence() throws {
        let asked = looks(Fleet(9), 5500).filter { $0.plane == .proxmox }
        #expect(asked.map(\.number) == [1, 2] && asked.last?.suspects == [VMID(5500)!])
        let seen = try explain(5500) { $0.probes = [VMID(5500)!: true] }
        #expect(seen.answer == .nothing)
        #expect(seen.sights.first { $0.plane == .proxmox }?.evidence?.looks == 2)
        for (probes, reason) in [([VMID(5500)!: false], Unknown.permissionMissing), ([:], .notConfirmed)] {
            let known = try explain(5500) { $0.probes = probes }
            #expect(known.answer == .unknown)
            #expect(known.sights.first { $0.plane == .proxmox }?.reason == reason)
            #expect(Words.answer(known).hasSuffix("is not known, because \(Words.unknown(reason))"))
        }
    }

    /// Everything that a controller asks for while it explains one server, over both looks.
    private func looks(_ fleet: Fleet, _ number: Int) -> [Look] {
        var controller = Controller(settings: fleet.settings, policies: fleet.policies)
        var queue = controller.handle(.operatorAsked(.explain(VMID(number)!)), at: Fleet.now)
        var looks: [Look] = []
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .observe(let look):
                looks.append(look)
                queue += controller.handle(.observed(fleet.observation(look, at: Fleet.now)), at: Fleet.now)
            case .wake(.secondLook, let moment): queue += controller.handle(.woke(.secondLook), at: moment)
            default: break
            }
        }
        return looks
    }

    @Test func asksOneAgentOneGuestAndItsOwnJobs() throws {
        var fleet = Fleet.withHosts(40)
        fleet.observeQueues()
        // Much is wrong elsewhere, and none of it is looked at closely.
        for number in 5010...5019 { fleet.agents[number] = .failed(.refused) }
        fleet.removeGuest(5020)
        fleet.unregister("mc-paper-5021")
        fleet.addDeadBackup("dead", vmid: 5022)
        fleet.removeRecord("s5023")
        fleet.addOperation("own", .backup, vmid: 5003, status: .running)
        let calm = looks(fleet, 5003)
        #expect(calm.count == 6 && calm.allSatisfy { $0.number == 1 }, "nobody looks twice for the others' sake")
        #expect(calm.first { $0.plane == .agents }?.agents.map(\.key.vmid) == [VMID(5003)!])
        let guests = try #require(calm.first { $0.plane == .proxmox })
        #expect(guests.addressesOf == [VMID(5003)!] && guests.tasksOf == [VMID(5003)!] && guests.suspects == [])
        #expect(calm.first { $0.plane == .queues }?.jobs.map(\.id) == ["own"])

        fleet.removeGuest(5003)
        let second = looks(fleet, 5003).filter { $0.number == 2 }
        #expect(second.map(\.plane) == [.database, .proxmox])
        #expect(second.last?.suspects == [VMID(5003)!])
        fleet = Fleet.withHosts(40)
        for number in 5001...5009 { fleet.agents[number] = .failed(.refused) }
        let silent = looks(fleet, 5003).filter { $0.number == 2 }
        #expect(silent.map(\.plane) == [.database, .proxmox, .agents])
        #expect(silent.last?.agents.map(\.key.vmid) == [VMID(5003)!])
    }

    /// What the whole estate shows of one server, and what a look at it alone does, are the same.
    @Test(
        arguments: [
            { fleet in fleet.removeGuest(5003) }, { fleet in fleet.agents[5003] = .failed(.timeout) },
            { fleet in fleet.agents[5003] = .status(AgentStatus(state: .crashed, processRunning: false, ready: false))
            },
            { fleet in fleet.unregister("mc-paper-5003") }, { fleet in fleet.register("mc-paper-5003", "10.70.0.9") },
            { fleet in fleet.removeRecord("a5003") },
            { fleet in fleet.changeRecord("a5003") { $0.data = .a("192.0.2.9") } },
            { fleet in fleet.changeGuest(5003) { $0.status = "stopped" } }, { fleet in fleet.removeRow(5003) },
            { fleet in fleet.changeGuest(5003) { $0.name = "mc-paper-5008" } },
            { fleet in fleet.addDeadBackup("op", vmid: 5003) },
        ] as [@Sendable (inout Fleet) -> Void])
    func decidesAsAnAuditDoes(_ change: @Sendable (inout Fleet) -> Void) throws {
        var fleet = Fleet.withHosts(12)
        fleet.observeQueues()
        fleet.probes = [VMID(5003)!: true]
        change(&fleet)
        func own(_ decisions: [Decision]) -> [Decision] { decisions.filter { $0.drift.subject.vmid == VMID(5003) } }
        func inWords(_ decisions: [Decision]) -> [String] {
            decisions.map { "\($0.drift.id) \($0.drift.kind) \($0.verdict) \($0.reason) \($0.drift.observed)" }
        }
        let audit = own(try #require(fleet.audit()).decisions)
        let known = try #require(fleet.audit(.explain(VMID(5003)!))?.explanation)
        #expect(inWords(known.cases.map(\.decision)) == inWords(audit))
    }

    /// An audit looks at addresses where it has cause to; who asks about one server wants to know.
    @Test func looksAtTheAddressesWithoutACause() throws {
        var fleet = Fleet.withHosts(3)
        fleet.addresses[VMID(5003)!] = GuestAddresses(ipv4: ["10.70.9.9"], isWhole: true)
        #expect(try #require(fleet.audit()).decisions.isEmpty)
        let known = try #require(fleet.audit(.explain(VMID(5003)!))?.explanation)
        #expect(known.cases.map(\.decision.drift.kind) == [.containerAddressChanged])
    }

    @Test func showsWhatIsWantedBesideWhatIsThere() throws {
        var fleet = Fleet.withHosts(9)
        fleet.observeQueues()
        fleet.agents[5002] = .status(
            AgentStatus(state: .running, processRunning: true, ready: false, crashCount: 2, lastCrashExitCode: 137))
        fleet.register("mc-paper-5002", "10.70.0.77")
        fleet.register("mc-paper-5002.example.net", "10.70.0.78")
        fleet.changeRecord("a5002") { $0.data = .a("192.0.2.9") }
        fleet.addOperation("op", .backup, vmid: 5002, status: .running)
        fleet.queues.jobs["op"] = .listed([.active])
        fleet.queues.running = [
            QueueReading.Running(id: "op", lock: .seconds(20), processedOn: Fleet.now - .minutes(4))
        ]
        fleet.tasks = ["n1": [GuestTask(vmid: VMID(5002), type: "vzdump")], "n2": []]
        let known = try #require(fleet.audit(.explain(VMID(5002)!))?.explanation)
        func sight(_ plane: Plane, _ what: String) throws -> Explanation.Sight {
            try #require(known.sights.first { $0.plane == plane && $0.what == what }, "\(what)")
        }
        let agent = try sight(.agents, "agent at 10.70.20.2")
        #expect(agent.shows == .present && agent.wanted == "it answers, and its workload is ready")
        #expect(
            agent.found
                == "state running, its process runs, not ready, crashed 2 times, the last time with exit code 137")
        let backend = try sight(.velocity, "backend 'mc-paper-5002'")
        #expect(backend.wanted == "10.70.20.2:25565, once its workload is ready" && backend.found == "10.70.0.77:25565")
        let other = try sight(.velocity, "backend 'mc-paper-5002.example.net'")
        #expect(other.wanted == nil && other.found == "10.70.0.78:25565")
        let record = try sight(.publicDNS, "mc-paper-5002.example.net")
        #expect(record.wanted == "A 203.0.113.10, DNS only" && record.found.hasPrefix("A 192.0.2.9"))
        let job = try sight(.queues, "job 'op' in queue 'provisioning'")
        #expect(
            job.found == "in active, its worker's lock holds for 20 s, begun 4 min ago; 1 worker connection")
        #expect(try sight(.proxmox, "tasks of others on it").found == "vzdump")
        let addresses = try sight(.proxmox, "addresses on its own interfaces")
        #expect(addresses.wanted == "10.70.20.2" && addresses.found == "10.70.20.2")
        #expect(known.unjudged == Words.unjudged)
        let text = FactSheetText.encode(known.sheet)
        for sight in known.sights where sight.shows != .notConfigured {
            #expect(text.contains(sight.what) && text.contains(sight.found))
        }
        #expect(text.contains("read at \(Fleet.now), 0 ms ago") && text.contains("enqueued 5 min ago"))
    }

    /// What explains a drift of it belongs to it, whatever it is about.
    @Test func showsTheCauseBesideWhatItExplains() throws {
        var fleet = Fleet.withHosts(9)
        fleet.changeRow(5003) { $0.hostname = "mc-paper-5002" }
        fleet.changeGuest(5003) { $0.name = "mc-paper-5002" }
        fleet.removeRecord("a5002")
        let known = try #require(fleet.audit(.explain(VMID(5002)!))?.explanation)
        let ids = Set(known.cases.map(\.decision.drift.id))
        #expect(known.cases.contains { $0.decision.drift.causedBy != nil })
        #expect(known.cases.allSatisfy { $0.decision.drift.causedBy.map(ids.contains) ?? true })
    }

    /// Whoever answers there is certainly another one.
    @Test func showsNoAgentOfAnotherAsItsOwn() throws {
        let lost: [@Sendable (inout Fleet) -> Void] = [
            { $0.addresses[VMID(5002)!] = GuestAddresses(ipv4: ["10.70.9.9"], isWhole: true) },
            { $0.changeGuest(5002) { $0.status = "stopped" } }, { $0.removeGuest(5002) },
        ]
        for change in lost {
            var fleet = Fleet.withHosts(9)
            fleet.agents[5002] = .status(AgentStatus(state: .crashed, crashCount: 3))
            change(&fleet)
            let known = try #require(fleet.audit(.explain(VMID(5002)!))?.explanation)
            let agent = try #require(known.sights.first { $0.plane == .agents })
            #expect(agent.shows == .unknown && agent.reason == .addressUnknown)
            #expect(!FactSheetText.encode(known.sheet).contains("crashed 3 times"))
        }
    }

    @Test func saysWhyItDoesNotKnowOrDidNotAsk() throws {
        var fleet = Fleet.withHosts(9)
        fleet.observeQueues()
        fleet.agents[5002] = .failed(.unauthorized)
        fleet.proxyFailure = ReadFailure(.timeout, "no answer", at: Fleet.now)
        fleet.tasks = [:]
        fleet.addresses = [:]
        let known = try #require(fleet.audit(.explain(VMID(5002)!))?.explanation)
        let reasons = known.sights.filter { $0.shows == .unknown }.map {
            "\($0.plane.rawValue) \($0.reason?.rawValue ?? "-")"
        }
        #expect(reasons == ["proxmox not_read", "proxmox not_read", "agents unauthorized", "velocity timeout"])
        #expect(known.sights.last.map { $0.plane == .queues && $0.shows == .notAsked } == true)
        let resting = try #require(
            {
                var fleet = Fleet.withHosts(2)
                fleet.changeRow(5002) { $0.power = .stopped }
                fleet.changeGuest(5002) { $0.status = "stopped" }
                return fleet.audit(.explain(VMID(5002)!))?.explanation
            }())
        #expect(resting.sights.filter { $0.shows == .notAsked }.map(\.plane) == [.proxmox, .agents])
    }

    /// Only the leader sees that many are hit at once, and its word is what happens next.
    @Test func theLedgersBrakeIsTheNextThing() throws {
        let fleet = Fleet.withDeadOperations(9, of: 12)
        var known = try #require(fleet.audit(.explain(VMID(5003)!))?.explanation)
        let decision = known.cases[0].decision
        let open = OpenDrift(
            id: decision.drift.id, kind: decision.drift.kind, vmid: VMID(5003), externalID: nil, hostname: nil,
            level: .automatic, action: decision.action, verdict: .held, reason: .massChange, since: Fleet.now)
        known.tell(
            LedgerPage(
                open: [open], tries: [:], attempts: [],
                leader: LedgerPage.Leader(epoch: 4, isClosed: false, stance: Stance(mode: "repair", policies: "p"))),
            policies: fleet.policies, duty: Fleet.duty())
        guard case .read(let prospects, _, _)? = known.ledger else {
            Issue.record("no ledger")
            return
        }
        #expect(prospects.map(\.next) == ["nothing while that holds it; each round looks again"])
        #expect(known.cases[0].holds.map(\.reason) == [.massChange])
        #expect(known.cases[0].needed == [Words.remedy(.massChange), Words.approveElsewhere])
    }

    @Test func everyFormatSaysTheSameAndIsHarmless() throws {
        for injection in ReportFormatsTests.injections {
            let known = try explain(5002) { fleet in
                fleet.changeRow(5002) { ($0.hostname, $0.customer) = (injection, injection) }
                fleet.changeGuest(5002) { $0.name = injection }
            }
            let text = FactSheetText.encode(known.sheet)
            let html = String(decoding: FactSheetHTML.encode(known.sheet), as: UTF8.self)
            let json = String(decoding: ExplanationJSON.encode(known), as: UTF8.self)
            for written in [text, FactSheetMarkdown.encode(known.sheet), html, json] {
                #expect(written.unicodeScalars.allSatisfy { $0 == "\n" || !Foreign.isDangerous($0) })
            }
            #expect(text == FactSheetText.encode(known.sheet))
            #expect(!html.contains("<script") && !html.contains("<img"))
        }
        let known = try explain(5002) { $0.removeRecord("s5002") }
        let text = FactSheetText.encode(known.sheet)
        let markdown = FactSheetMarkdown.encode(known.sheet)
        let html = String(decoding: FactSheetHTML.encode(known.sheet), as: UTF8.self)
        for section in known.sheet.sections {
            for entry in section.blocks.flatMap(\.entries) where !entry.text.contains("'") {
                #expect(text.contains(entry.text) && markdown.contains(entry.text) && html.contains(entry.text))
            }
        }
        #expect(html.hasPrefix("<!DOCTYPE html>") && html.contains("default-src 'none'") && html.hasSuffix("</html>\n"))
    }

    @Test func anAuditExplainsNothing() throws { #expect(Fleet().audit().map { $0.explanation == nil } == true) }
}
