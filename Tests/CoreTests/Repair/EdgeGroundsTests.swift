import Core
import TestSupport
import Testing

/// What the claim of a change and its last check read in the database.
@Suite("The grounds of a change")
struct EdgeGroundsTests {
    private func grounds(_ fleet: Fleet, dead: [DesiredOperation] = []) throws -> EdgeGrounds {
        let row = try #require(fleet.instances.first)
        let rule = try #require(EdgeWish.rules(for: row, in: .publicDNS, settings: fleet.settings).last)
        return EdgeGrounds(key: row.key, change: .record(RecordChange(rule, deed: .create)), dead: dead)
    }

    private func backend(_ fleet: Fleet) throws -> EdgeGrounds {
        let row = try #require(fleet.instances.first)
        let wanted = try #require(EdgeWish.backend(for: row, settings: fleet.settings))
        return EdgeGrounds(key: row.key, change: .backend(BackendChange(wanted: wanted, before: [])), dead: [])
    }

    private func obstacle(_ grounds: EdgeGrounds, _ fleet: Fleet) -> String? {
        grounds.obstacle(fleet.desired, settings: fleet.settings)
    }

    private func fall(_ grounds: EdgeGrounds, _ fleet: Fleet) -> String? {
        grounds.fall(fleet.desired, settings: fleet.settings)
    }

    @Test func whatStillIsWantedHasNoObstacle() throws {
        let fleet = Fleet()
        #expect(try obstacle(grounds(fleet), fleet) == nil)
        #expect(try obstacle(backend(fleet), fleet) == nil)
    }

    @Test func everyMoveOfTheRowEndsIt() throws {
        let changes: [(inout DesiredInstance) -> Void] = [
            { $0.hostname = "mc-paper-5999" }, { $0.port = 25_566 }, { $0.status = .terminating },
            { $0.status = .failed }, { $0.game = "rust" }, { $0.ctype = .dev },
            { $0.key = InstanceKey(vmid: $0.vmid, externalID: ExternalID(high: 9, low: 9)) },
        ]
        let grounds = try grounds(Fleet())
        for (number, change) in changes.enumerated() {
            var fleet = Fleet()
            fleet.changeRow(5001, change)
            #expect(fall(grounds, fleet) != nil, "change \(number)")
        }
        var gone = Fleet()
        gone.removeRow(5001)
        #expect(fall(grounds, gone) != nil)
    }

    @Test func billingOfEachKindSuppresses() throws {
        for status in [BillingRow.Status.suspended, .retained, .pendingDeletion, nil] {
            var fleet = Fleet()
            let grounds = try grounds(fleet)
            fleet.billing = [BillingRow(customer: "c5001", status: status, serverState: .allowed)]
            #expect(fall(grounds, fleet) != nil)
        }
        var fleet = Fleet()
        fleet.billing = [BillingRow(customer: "c5001", status: .pastDue, serverState: .allowed)]
        #expect(try fall(grounds(fleet), fleet) == nil)
    }

    @Test func anotherClaimantEndsIt() throws {
        let grounds = try grounds(Fleet())
        var fleet = Fleet()
        fleet.addServer(5777, hostname: "mc-paper-5001")
        #expect(fall(grounds, fleet) != nil)
        let backend = try backend(Fleet())
        var shared = Fleet()
        let address = try #require(shared.instances.first?.address)
        shared.changeRow(5002) { $0.address = address }
        #expect(fall(backend, shared) != nil)
        #expect(fall(grounds, shared) == nil)
    }

    @Test func aBackendIsForAServerThatIsToRun() throws {
        var fleet = Fleet()
        let (record, backend) = (try grounds(fleet), try backend(fleet))
        fleet.changeRow(5001) { $0.power = .stopped }
        #expect(fall(backend, fleet) != nil)
        #expect(fall(record, fleet) == nil)
        var moved = Fleet()
        moved.changeRow(5001) { $0.address = "10.70.9.9" }
        #expect(fall(backend, moved) != nil)
    }

    @Test func pausesAndOperationsStandAgainstTheBeginOnly() throws {
        var fleet = Fleet()
        fleet.pauses = [Pause(vmid: nil, since: Fleet.now, until: Fleet.now + .minutes(5), why: "x", by: "ops")]
        #expect(try obstacle(grounds(fleet), fleet) != nil)
        #expect(try fall(grounds(fleet), fleet) == nil)
        var busy = Fleet()
        busy.addOperation("op-1", .restart, vmid: 5001, status: .running)
        #expect(try obstacle(grounds(busy), busy) != nil)
        let dead = busy.operations
        #expect(try obstacle(grounds(busy, dead: dead), busy) == nil)
        // Its worker is there again.
        busy.operations[0].heartbeatAt = Fleet.now
        #expect(try obstacle(grounds(busy, dead: dead), busy) != nil)
    }

    @Test func aRowThatCannotBeUnderstoodEndsIt() throws {
        var fleet = Fleet()
        fleet.unreadable = [
            UnreadableRow(table: .operation, vmid: VMID(5001), externalID: nil, hostname: nil, why: "x")
        ]
        #expect(try fall(grounds(fleet), fleet) != nil)
        fleet.unreadable = [
            UnreadableRow(table: .operation, vmid: VMID(5002), externalID: nil, hostname: nil, why: "x")
        ]
        #expect(try fall(grounds(fleet), fleet) == nil)
    }

    /// A word of a later platform takes nothing back: what we do not understand says nothing of what is wanted.
    @Test func whatCannotBeUnderstoodTakesNothingBack() throws {
        func answer(_ change: (inout Fleet) -> Void) throws -> EdgeSaga.Answer {
            var fleet = Fleet()
            change(&fleet)
            return try grounds(Fleet()).answer(fleet.desired, settings: fleet.settings)
        }
        let doubts: [(inout Fleet) -> Void] = [
            {
                $0.unreadable = [
                    UnreadableRow(table: .operation, vmid: VMID(5001), externalID: nil, hostname: nil, why: "x")
                ]
            },
            {
                $0.unreadable = [
                    UnreadableRow(table: .billing, vmid: nil, externalID: nil, hostname: nil, why: "x")
                ]
            },
            { $0.billing = [BillingRow(customer: "c5001", status: nil, serverState: .allowed)] },
            // Nor does it where the row is gone, and another one under the VMID may want the same.
            {
                let other = $0.id(77)
                $0.changeRow(5001) { $0.key = InstanceKey(vmid: $0.vmid, externalID: other) }
                $0.billing = [BillingRow(customer: "c5001", status: nil, serverState: .allowed)]
            },
        ]
        for (number, doubt) in doubts.enumerated() {
            let said = try answer(doubt)
            guard case .unclear = said else {
                Issue.record("\(number): \(said)")
                continue
            }
        }
    }

    /// What is wanted under its VMID must not wait for a silent service; what nobody wants is taken back by nobody else.
    @Test func whatIsReplacedIsToldFromWhatIsNotWanted() throws {
        let (record, backend) = (try grounds(Fleet()), try backend(Fleet()))
        func answer(_ grounds: EdgeGrounds, _ change: (inout Fleet) -> Void) -> String {
            var fleet = Fleet()
            change(&fleet)
            switch grounds.answer(fleet.desired, settings: fleet.settings) {
            case .stands: return "stands"
            case .fallen: return "fallen"
            case .replaced: return "replaced"
            case .held: return "held"
            default: return "no answer"
            }
        }
        #expect(answer(record) { _ in } == "stands")
        #expect(answer(record) { $0.changeRow(5001) { $0.port = 25_566 } } == "replaced")
        #expect(answer(backend) { $0.changeRow(5001) { $0.address = "10.70.9.9" } } == "replaced")
        #expect(answer(record) { $0.changeRow(5001) { $0.hostname = "mc-forge-5001" } } == "replaced")
        #expect(answer(backend) { $0.changeRow(5001) { $0.power = .stopped } } == "replaced")
        #expect(
            answer(backend) { $0.changeRow(5001) { ($0.power, $0.address) = (.stopped, "10.70.9.9") } } == "fallen")
        let other = Fleet().id(77)
        // Its successor wants exactly the same: that is not taken away from it.
        let reused: (inout DesiredInstance) -> Void = { $0.key = InstanceKey(vmid: $0.vmid, externalID: other) }
        #expect(answer(record) { $0.changeRow(5001, reused) } == "stands")
        #expect(answer(backend) { $0.changeRow(5001, reused) } == "stands")
        #expect(
            answer(record) {
                $0.changeRow(5001, reused)
                $0.changeRow(5001) { $0.port = 25_566 }
            } == "replaced")
        #expect(
            answer(backend) {
                $0.changeRow(5001, reused)
                $0.changeRow(5001) { $0.power = .stopped }
            } == "replaced")
        // A successor whose records nobody compares.
        #expect(
            answer(record) {
                $0.changeRow(5001) {
                    ($0.key, $0.status) = (InstanceKey(vmid: $0.vmid, externalID: other), .failed)
                }
            } == "fallen")
        // At rest, and another row has its address.
        #expect(
            answer(backend) { fleet in
                let address = fleet.instances[0].address
                fleet.changeRow(5001) { $0.power = .stopped }
                fleet.changeRow(5002) { $0.address = address }
            } == "fallen")
        #expect(answer(record) { $0.changeRow(5001) { $0.hostname = "mc-paper-5999" } } == "fallen")
        #expect(answer(record) { $0.removeRow(5001) } == "fallen")
        let suspended = [BillingRow(customer: "c5001", status: .suspended, serverState: .allowed)]
        #expect(answer(record) { $0.billing = suspended } == "fallen")
        let pause = Pause(vmid: nil, since: Fleet.now, until: Fleet.now + .minutes(5), why: "x", by: "ops")
        #expect(answer(record) { ($0.billing, $0.pauses) = (suspended, [pause]) } == "held")
    }
}
