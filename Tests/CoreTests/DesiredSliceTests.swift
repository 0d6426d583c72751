import Core
import TestSupport
import Testing

/// What the rows under one VMID decide.
@Suite("A slice of the desired state")
struct DesiredSliceTests {
    private static let vmid = VMID(5001)!

    private static func fleet() -> Fleet {
        var fleet = Fleet()
        fleet.addOperation("op", .create, vmid: 5001, status: .running)
        fleet.operations[0].phase = "clone"
        return fleet
    }

    private func slice(_ change: (inout Fleet) -> Void = { _ in }) -> DesiredSlice {
        var fleet = Self.fleet()
        change(&fleet)
        return DesiredSlice(Self.vmid, in: fleet.desired)
    }

    @Test func whatDecidesNothingIsTheSame() {
        let known = slice()
        #expect(slice { $0.operations[0].phase = "start" } == known)
        #expect(slice { $0.operations[0].heartbeatAt = Fleet.now } == known)
        #expect(slice { $0.operations[0].leaseExpiresAt = Fleet.now } == known)
        #expect(slice { $0.changeRow(5002) { $0.power = .stopped } } == known, "another server")
        #expect(slice { $0.addOperation("other", .stop, vmid: 5002, status: .queued) } == known)
        // As it is read by itself, and as a part of the whole.
        let whole = Self.fleet().desired
        let alone = DesiredState(
            instances: Array(whole.instances[whole.rows(under: Self.vmid)]), operations: whole.operations, billing: [],
            retired: [], unreadable: [], pauses: [], accepted: [], readAt: Fleet.now)
        #expect(DesiredSlice(Self.vmid, in: alone) == known)
    }

    @Test func whatDecidesSomethingIsNot() {
        let known = slice()
        let changes: [(inout Fleet) -> Void] = [
            { $0.changeRow(5001) { $0.status = .provisioning } }, { $0.changeRow(5001) { $0.address = nil } },
            { $0.changeRow(5001) { $0.customer = "another" } }, { $0.removeRow(5001) },
            { $0.operations[0].status = .ready }, { $0.operations[0].phase = nil },
            { $0.operations[0].jobID = "7" }, { $0.operations[0].attempts = 1 }, { $0.operations = [] },
            { $0.addOperation("next", .stop, vmid: 5001, status: .queued) },
            {
                $0.retired.append(
                    RetiredInstance(
                        vmid: Self.vmid, externalID: nil, customer: nil, hostname: "x", game: nil, deletedAt: Fleet.now)
                )
            },
            {
                $0.unreadable.append(
                    UnreadableRow(table: .operation, vmid: Self.vmid, externalID: nil, hostname: nil, why: "x"))
            },
        ]
        for (number, change) in changes.enumerated() { #expect(slice(change) != known, "\(number)") }
    }
}
