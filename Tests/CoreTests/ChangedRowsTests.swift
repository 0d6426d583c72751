import Core
import TestSupport
import Testing

/// An audit reads rows and listings some seconds apart, and nobody tells it of a row that changes meanwhile.
@Suite("Rows that change during an audit")
struct ChangedRowsTests {
    /// Handed to another customer after the first reading of the rows.
    private static func handedOver(in fleet: Fleet) -> Fleet {
        var fleet = fleet
        fleet.changeRow(5002) { row in
            (row.key, row.hostname) = (InstanceKey(vmid: row.vmid, externalID: Fleet().id(77)), "mc-forge-5002")
        }
        return fleet
    }

    @Test func aListingIsNotHeldAgainstRowsOfBefore() throws {
        // The rows are of before, the guest is of after.
        var first = Fleet()
        first.changeGuest(5002) { $0.name = "mc-forge-5002" }
        var second = Self.handedOver(in: first)
        second.records += ["a", "s"].flatMap { kind in
            first.records.filter { $0.id == "\(kind)5002" }.map { record in
                var record = record
                record.id += "x"
                record.name = record.name.replacing("mc-paper-5002", with: "mc-forge-5002")
                if case .srv(var srv) = record.data {
                    srv.target = "mc-forge-5002.example.net"
                    record.data = .srv(srv)
                }
                return record
            }
        }
        second.records.removeAll { ["a5002", "s5002"].contains($0.id) }
        #expect(try #require(first.audit(second: second)).kinds == [])
        // And what is wrong by both is told as ever.
        #expect(try #require(first.audit()).kinds == ["container.identity_mismatch 5002"])
    }

    @Test func aListingThatCannotBeReadAgainTellsNothingOfTheNewRows() throws {
        var first = Fleet()
        first.changeGuest(5002) { $0.name = "mc-forge-5002" }
        var second = Self.handedOver(in: first)
        second.isQuorate = false
        let report = try #require(first.audit(second: second))
        #expect(!report.kinds.contains { $0.hasPrefix("container.") })
        #expect(report.status(.proxmox) == .failed)
    }

    @Test func rowsThatCannotBeReadAgainAreSaidToBeReadOnce() throws {
        var first = Fleet()
        first.changeGuest(5002) { $0.name = "mc-forge-5002" }
        var second = first
        second.desiredFailure = ReadFailure(.timeout, "no answer", at: Fleet.now)
        let report = try #require(first.audit(second: second))
        #expect(report.kinds == ["container.identity_mismatch 5002"] && report.status(.database) == .partial)
        #expect(!report.isComplete)
    }

    /// Which phase an operation is in decides nothing: what nobody suspects is not read again for it, and cannot be lost by that.
    @Test func anOperationThatGoesOnIsNoChange() throws {
        var first = Fleet.withHosts()
        first.settings.velocity = true
        first.observeQueues()
        first.addDeadBackup("op", vmid: 5001)
        first.operations[0].heartbeatAt = Fleet.now
        first.operations[0].leaseExpiresAt = Fleet.now + .minutes(5)
        first.removeRecord("s5003")
        var second = first
        second.operations[0].phase = "upload"
        second.proxyFailure = ReadFailure(.timeout, "no answer", at: Fleet.now)
        #expect(try #require(first.audit(second: second)).status(.velocity) == .complete)
        second.operations[0].phase = nil
        #expect(try #require(first.audit(second: second)).status(.velocity) == .failed)
    }

    @Test func aFleetThatIsWellIsReadOnce() throws {
        let fleet = Fleet()
        var controller = Controller(settings: fleet.settings, policies: fleet.policies)
        var queue = controller.handle(.operatorAsked(.audit), at: Fleet.now)
        var readings = 0
        while !queue.isEmpty {
            guard case .observe(let look) = queue.removeFirst() else { continue }
            if look.plane == .database { readings += 1 }
            queue += controller.handle(.observed(fleet.observation(look, at: Fleet.now)), at: Fleet.now)
        }
        #expect(readings == 1)
    }
}
