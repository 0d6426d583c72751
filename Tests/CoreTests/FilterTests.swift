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
