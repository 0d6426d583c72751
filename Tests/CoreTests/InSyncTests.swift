import Core
import TestSupport
import Testing

@Suite("A fleet that is as it should be")
struct InSyncTests {
    @Test func reportsNothing() throws {
        let report = try #require(Fleet(12).audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [])
        #expect(report.isComplete)
        #expect(report.exitStatus == 0)
        #expect(report.summary.inSync == 12)
    }

    @Test(
        "Equal things in other clothes are no drift",
        arguments: ["MC-PAPER-5001", "mc-paper-5001.example.net", "Mc-Paper-5001.Example.NET."])
    func names(name: String) throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { $0.name = name }
        #expect(try #require(fleet.audit()).kinds == [])
    }

    @Test func aTTLAloneIsNoDrift() throws {
        var fleet = Fleet()
        fleet.changeRecord("a5001") { $0.ttl = 1 }
        fleet.changeRecord("s5001") { $0.ttl = 86400 }
        #expect(try #require(fleet.audit()).kinds == [])
    }

    @Test func aPortOfItsOwnIsExpected() throws {
        var fleet = Fleet()
        fleet.changeRow(5001) { $0.port = 50001 }
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["dns.public.srv_wrong 5001"])
        #expect(report.decisions[0].drift.desired == "SRV 0 0 50001 mc-paper-5001.example.net")
    }

    @Test func otherGamesHaveTheAddressRecordAlone() throws {
        var fleet = Fleet()
        fleet.addServer(5010, hostname: "rust-5010", game: "rust")
        #expect(try #require(fleet.audit()).kinds == [])
    }

    @Test func devServersHaveNoRecords() throws {
        var fleet = Fleet()
        fleet.addServer(6001, hostname: "dev-6001")
        fleet.changeRow(6001) { ($0.ctype, $0.game) = (.dev, nil) }
        fleet.records.removeAll { $0.name.contains("6001") }
        #expect(try #require(fleet.audit()).kinds == [])
    }

    @Test func theOrderOfAnswersShowsNowhere() throws {
        var fleet = Fleet(9)
        fleet.removeRecord("s5003")
        fleet.removeGuest(5005)
        fleet.changeGuest(5007) { $0.status = "stopped" }
        var shuffled = fleet
        shuffled.guests.reverse()
        shuffled.records.reverse()
        shuffled.instances.reverse()
        shuffled.nodes.reverse()
        let (one, other) = (try #require(fleet.audit()), try #require(shuffled.audit()))
        #expect(ReportJSON.encode(one) == ReportJSON.encode(other))
        #expect(ReportText.encode(one, usesColor: false) == ReportText.encode(other, usesColor: false))
    }
}
