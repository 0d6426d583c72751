import Core
import TestSupport
import Testing
import World

@Suite("The index of desired state")
struct DesiredIndexTests {
    private func row(_ vmid: Int, id: UInt64, host: String, customer: String?, address: String?) -> DesiredInstance {
        DesiredInstance(
            key: InstanceKey(vmid: VMID(vmid)!, externalID: ExternalID(high: id << 32, low: id)), customer: customer,
            ctype: .game, hostname: host, node: nil, address: address, game: id % 3 == 0 ? "Minecraft." : "rust",
            variant: nil, port: nil, power: .running, status: .active)
    }

    private func state(_ rows: [DesiredInstance], billing: [BillingRow]) -> DesiredState {
        DesiredState(
            instances: rows, operations: [], billing: billing, retired: [], unreadable: [], pauses: [], accepted: [],
            readAt: Fleet.now)
    }

    /// Rows of a small world, where much has two claimants, against the plainest way of finding them; in any order.
    @Test(arguments: 0..<40 as Range<UInt64>) func findsWhatSeveralRowsHave(seed: UInt64) {
        var random = Seed(seed)
        let size = UInt64(1 + seed * 7)
        let rows = (0..<40 + Int(seed) * 10).map { _ in
            row(
                5000 + Int(random.next() % size), id: random.next() % size, host: "MC-\(random.next() % size)",
                customer: random.next() % 4 == 0 ? nil : "c\(random.next() % size)",
                address: random.next() % 5 == 0 ? nil : "10.0.0.\(random.next() % min(size, 250))")
        }
        let billing = (0..<size / 2).map {
            BillingRow(customer: "c\(2 * $0)", status: .active, serverState: .allowed)
        }
        let state = state(rows, billing: billing)
        let index = state.index
        let sorted = rows.sorted { $0.key < $1.key }
        #expect(state.instances.map(\.key) == sorted.map(\.key))
        func several<Key: Hashable>(_ key: (DesiredInstance) -> Key?) -> [Key: [Int]] {
            Dictionary(grouping: state.instances.indices) { key(state.instances[$0]) }.reduce(into: [:]) {
                if let key = $1.key, $1.value.count > 1 { $0[key] = $1.value }
            }
        }
        #expect(index.repeatedIDs == Set(several(\.key.externalID).keys))
        #expect(index.repeatedVMIDs.map(Array.init) == several(\.vmid).sorted { $0.key < $1.key }.map(\.value))
        #expect(Dictionary(uniqueKeysWithValues: index.repeatedAddresses.map { ($0, $1) }) == several(\.address))
        #expect(Set(index.hosts.repeated) == Set(several(\.hostname).values))
        #expect(index.games == Set(rows.compactMap(\.game).map(DNSName.canonical)))
        for place in state.instances.indices {
            let customer = state.instances[place].customer
            #expect(
                state.billing(of: place)?.customer
                    == customer.flatMap { name in
                        billing.contains { $0.customer == name } ? name : nil
                    })
            #expect(index.hosts.rows(named: state.instances[place].hostname.lowercased()).contains(place))
        }
    }

    @Test(
        arguments: [
            ("mc-5001", 5001, "mc-"), ("5001", 5001, ""), ("mc-05", 0, "mc-05."), ("mc-0", 0, "mc-0."),
            ("mc", 0, "mc."),
            ("", 0, "."), ("é7", 7, "é"), ("x1234567890123456789012", 567_890_123_456_789_012, "x1234"),
            ("x1234067890123456789012", 0, "x1234067890123456789012."),
            ("a-name-that-needs-memory-of-its-own-77", 77, "a-name-that-needs-memory-of-its-own-"),
        ] as [(String, UInt64, String)])
    func aHostKeyIsANumberAndWhatStandsBefore(name: String, number: UInt64, stem: String) {
        let key = HostKey(name)
        #expect(key.number == number && key.stem == stem)
    }
}
