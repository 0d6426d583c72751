import Core
import TestSupport
import Testing

@Suite("One claim to a VMID")
struct DuplicateAllocationTests {
    private func duplicates(_ change: (inout Fleet) -> Void) throws -> [Drift] {
        var fleet = Fleet()
        change(&fleet)
        return try #require(fleet.audit()).decisions.map(\.drift).filter { $0.kind == .allocationDuplicateVMID }
    }

    @Test func twoCreatesThatAreNotOneRequest() throws {
        let found = try duplicates {
            $0.addOperation("a", .create, vmid: 5900, status: .running, key: "k1")
            $0.addOperation("b", .create, vmid: 5900, status: .queued, key: "k2")
        }
        #expect(found.map(\.observed) == ["create k1; create k2"])
        #expect(found.first?.subject.vmid == VMID(5900))
    }

    @Test func whatIsAskedForOutsideOfScopeIsNeverReported() throws {
        #expect(
            try duplicates {
                $0.addOperation("a", .create, vmid: 9001, status: .running, key: "k1")
                $0.addOperation("b", .create, vmid: 9001, status: .queued, key: "k2")
            }.isEmpty)
    }

    @Test func aRepeatedRequestIsOneClaim() throws {
        #expect(
            try duplicates {
                $0.addOperation("a", .create, vmid: 5900, status: .running, key: "k1")
                $0.addOperation("b", .create, vmid: 5900, status: .queued, key: "k1")
                $0.addOperation("c", .create, vmid: 5901, status: .failed, key: "k3")
                $0.addOperation("d", .create, vmid: 5901, status: .queued, key: "k4")
            }.isEmpty)
    }

    /// The first has made its row already, and the second is still under way.
    @Test func twoCreatesBesideTheRowOfOne() throws {
        #expect(try duplicates { $0.addOperation("a", .create, vmid: 5001, status: .running, key: "k1") }.isEmpty)
        let found = try duplicates {
            $0.addOperation("a", .create, vmid: 5001, status: .running, key: "k1")
            $0.addOperation("b", .create, vmid: 5001, status: .running, key: "k2")
        }
        #expect(found.map(\.observed) == ["create k1; create k2"])
    }

    @Test func twoRows() throws {
        let found = try duplicates { fleet in
            var second = fleet.instances[0]
            second.key = InstanceKey(vmid: second.vmid, externalID: ExternalID(high: 7, low: 7))
            second.hostname = "mc-other-5001"
            second.address = "10.70.99.1"
            fleet.instances.append(second)
        }
        #expect(found.count == 1)
        #expect(found.first?.observed.contains("'mc-paper-5001'") == true)
        #expect(found.first?.observed.contains("'mc-other-5001'") == true)
    }

    /// Two creates beside one row; the second one's worker has long been silent.
    private func quarrel(_ change: (inout Fleet) -> Void = { _ in }) -> Fleet {
        var fleet = Fleet()
        fleet.observeQueues()
        fleet.changeRow(5001) { $0.status = .provisioning }
        for id in ["a", "b"] {
            fleet.addOperation(id, .create, vmid: 5001, status: .running, key: "k-\(id)")
            fleet.changeOperation(id) { ($0.phase, $0.heartbeatAt) = ("clone", Fleet.now - .seconds(5)) }
            fleet.queues.jobs[id] = .listed([.active])
        }
        fleet.changeOperation("b") { $0.heartbeatAt = Fleet.now - .minutes(30) }
        fleet.queues.jobs["b"] = nil
        change(&fleet)
        return fleet
    }

    @Test func aDeadCreateClaimsNothing() throws {
        let report = try #require(quarrel().audit())
        #expect(report.kinds == ["operation.stale 5001"])
        #expect(report.decisions[0].drift.causedBy == nil)
        #expect((report.decisions[0].verdict, report.decisions[0].reason) == (.repair, .policyMatched))
    }

    @Test func oneThatIsNotProvedDeadStillClaims() throws {
        let first = quarrel()
        let second = quarrel { $0.queues.jobs["b"] = .listed([.active]) }
        #expect(try #require(first.audit(second: second)).kinds == ["allocation.duplicate_vmid 5001"])
        #expect(try #require(second.audit()).kinds == ["allocation.duplicate_vmid 5001"])
        let unread = quarrel { $0.queues.failure = ReadFailure(.timeout, "no answer", at: Fleet.now) }
        #expect(try #require(unread.audit()).kinds == ["allocation.duplicate_vmid 5001"])
    }

    @Test func twoLivingCreatesAreToldBesideADeadOne() throws {
        let fleet = quarrel {
            $0.addOperation("c", .create, vmid: 5001, status: .running, key: "k-c")
            $0.changeOperation("c") { ($0.phase, $0.heartbeatAt) = ("clone", Fleet.now) }
        }
        let report = try #require(fleet.audit())
        let duplicate = try #require(report.decision(.allocationDuplicateVMID))
        #expect(duplicate.drift.observed == "create k-a; create k-c")
        #expect(report.decision(.operationStale)?.drift.causedBy == duplicate.drift.id)
    }

    @Test func evidenceOfTheFutureIsNoGround() {
        let (brakes, now) = (Brakes.defaults, Fleet.now)
        #expect(brakes.staleness(of: now, at: now) == nil)
        #expect(brakes.staleness(of: now - .seconds(90), at: now) == nil)
        #expect(brakes.staleness(of: now - .seconds(91), at: now)?.contains("older than 90 s") == true)
        #expect(brakes.staleness(of: now + .seconds(5), at: now) == nil)
        #expect(brakes.staleness(of: now + .seconds(6), at: now)?.contains("set back") == true)
    }
}
