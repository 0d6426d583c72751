import Core
import TestSupport
import Testing

@Suite("A part of a report")
struct FilterTests {
    private func report() throws -> Report {
        var fleet = Fleet(9)
        fleet.removeRecord("s5003")
        fleet.changeGuest(5003) { $0.node = "n2" }
        fleet.changeGuest(5007) { $0.status = "stopped" }
        return try #require(fleet.audit())
    }

    @Test func showsAndCountsWhatWasAskedFor() throws {
        let whole = try report()
        #expect(
            whole.kinds == ["container.node_changed 5003", "dns.public.srv_missing 5003", "container.stopped 5007"])
        let byKind = whole.filtered(by: ReportFilter(kind: KindPattern("dns.public.*")))
        #expect(byKind.kinds == ["dns.public.srv_missing 5003"])
        #expect(byKind.summary.drifts == 1 && byKind.summary.byLevel == [0, 1, 0, 0])
        #expect(whole.filtered(by: ReportFilter(minLevel: .automatic)).kinds.count == 2)
        #expect(whole.filtered(by: ReportFilter(minLevel: .destructive)).exitStatus == 0)
        let byVMID = whole.filtered(by: ReportFilter(vmid: VMID(5007)))
        #expect(byVMID.kinds == ["container.stopped 5007"])
        #expect(byVMID.summary.instances == 1 && byVMID.summary.drifted == 1 && byVMID.exitStatus == 2)
    }

    @Test func neverCallsADriftedServerInSync() throws {
        let part = try report().filtered(by: ReportFilter(kind: KindPattern("velocity.*")))
        #expect(part.summary.drifts == 0)
        #expect(part.summary.drifted == 2 && part.summary.inSync == 7 && part.summary.instances == 9)
        #expect(Words.answer(part).word == "NO DRIFT")
    }

    @Test func staysIncompleteWhenAPlaneIs() throws {
        var fleet = Fleet()
        fleet.permissions = [:]
        fleet.removeGuest(5002)
        let whole = try #require(fleet.audit())
        #expect(whole.exitStatus == 3)
        #expect(whole.filtered(by: ReportFilter(vmid: VMID(5001))).exitStatus == 3)
        #expect(whole.filtered(by: ReportFilter(kind: KindPattern("dns.public.*"))).exitStatus == 3)
        #expect(whole.filtered(by: ReportFilter(vmid: VMID(5001))).unknown == [])
        #expect(whole.filtered(by: ReportFilter(vmid: VMID(5002))).unknown.count == 1)
    }

    /// It is about a host name or an address, and about the servers that claim it.
    @Test func showsWhatAServerClaimsBesideOthers() throws {
        var fleet = Fleet.withHosts(9)
        let address = fleet.instances[1].address
        fleet.changeRow(5003) { $0.address = address }
        fleet.changeRow(5005) { $0.hostname = "mc-paper-5004" }
        fleet.changeGuest(5005) { $0.name = "mc-paper-5004" }
        let whole = try #require(fleet.audit())
        func kinds(_ vmid: Int) -> Set<DriftKind> {
            Set(whole.filtered(by: ReportFilter(vmid: VMID(vmid))).decisions.map(\.drift.kind))
        }
        for vmid in [5002, 5003] { #expect(kinds(vmid) == [.allocationDuplicateIP]) }
        for vmid in [5004, 5005] { #expect(kinds(vmid).contains(.allocationDuplicateHostname)) }
        #expect(kinds(5001).isEmpty && whole.filtered(by: ReportFilter(vmid: VMID(5003))).exitStatus == 2)
        for vmid in [5002, 5003, 5004, 5005] {
            let known = try #require(fleet.audit(.explain(VMID(vmid)!))?.explanation)
            #expect(Set(known.cases.map(\.decision.drift.kind)).isSuperset(of: kinds(vmid)), "\(vmid)")
        }
    }

    @Test func neverCountsAnAcceptedServer() throws {
        var fleet = Fleet(9)
        fleet.changeGuest(5003) { $0.node = "n2" }
        fleet.removeRecord("s5003")
        fleet.changeGuest(5007) { $0.node = "n2" }
        let moved = try #require(fleet.audit()?.decisions.last?.drift.id)
        fleet.accepted = [
            Acceptance(driftID: moved, reason: "moves", until: Fleet.now + .minutes(60), by: "ada")
        ]
        let whole = try #require(fleet.audit())
        #expect(Words.answer(whole).sentence == "2 drifts on 1 server")
        let part = whole.filtered(by: ReportFilter(minLevel: .report))
        #expect(Words.answer(part).sentence == "2 drifts on 1 server")
        #expect(whole.summary.drifted == 2, "what programs read counts each server that differs")
    }

    @Test func saysThatItIsAPart() throws {
        let whole = try report()
        let part = whole.filtered(by: ReportFilter(vmid: VMID(5003), minLevel: .automatic))
        let words = try #require(Words.filter(part))
        #expect(ReportText.encode(part, usesColor: false).contains(words))
        #expect(ReportMarkdown.encode(part).contains(words))
        #expect(String(decoding: ReportHTML.encode(part), as: UTF8.self).contains(words))
        #expect(String(decoding: ReportJSON.encode(part), as: UTF8.self).contains("\"filter\": {\n    \"vmid\": 5003"))
        #expect(!String(decoding: ReportJSON.encode(whole), as: UTF8.self).contains("\"filter\""))
        #expect(whole.filtered(by: ReportFilter()) == whole)
        #expect(part.planHash == whole.planHash)
    }
}
