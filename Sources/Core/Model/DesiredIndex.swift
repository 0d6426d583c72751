/// The joins within desired state that ask no settings: made once when it is loaded, and used by every plan from it.
package struct DesiredIndex: Equatable, Sendable {
    /// Without regard to any zone.
    package let hosts: HostIndex
    /// By row: what every plan asks of it, in numbers.
    let briefs: [DesiredInstance.Brief]
    /// The nodes that the rows name.
    let nodes: NodeNames
    /// By row: its customer's place in `billing`, or -1.
    package let billing: [Int32]
    /// VMIDs that several rows have, as those rows.
    package let repeatedVMIDs: [Range<Int>]
    /// Canonical addresses that several rows have, with those rows in order.
    package let repeatedAddresses: [(address: String, rows: [Int])]
    /// Identities that several rows have.
    package let repeatedIDs: Set<ExternalID>
    /// The canonical name of every game that a row, or a server that is gone, has.
    package let games: Set<String>

    init(_ roll: InstanceRoll, retired: [RetiredInstance]) {
        let (rows, briefs) = (roll.rows, roll.briefs)
        hosts = HostIndex(roll.hosts)
        self.briefs = briefs
        nodes = roll.nodes
        billing = roll.places
        repeatedAddresses = DesiredIndex.repeatedAddresses(rows, briefs)
        var repeatedVMIDs: [Range<Int>] = []
        for row in rows.indices.dropFirst() where rows[row].vmid == rows[row - 1].vmid {
            let first = repeatedVMIDs.last?.upperBound == row ? repeatedVMIDs.removeLast().lowerBound : row - 1
            repeatedVMIDs.append(first..<row + 1)
        }
        self.repeatedVMIDs = repeatedVMIDs

        repeatedIDs = DesiredIndex.repeatedIDs(rows)
        games = retired.reduce(into: roll.games) { games, life in
            if let game = life.game { games.insert(DNSName.canonical(game)) }
        }
    }

    /// Nearly always there are none, so that an identity is only looked up in a set where another one has set the same bit.
    private static func repeatedIDs(_ rows: [DesiredInstance]) -> Set<ExternalID> {
        let width = max(6, Int.bitWidth - (rows.count * 16).leadingZeroBitCount)
        func bit(of row: Int) -> (word: Int, bit: UInt64) {
            let id = rows[row].key.externalID
            let place = ((id.high ^ id.low) &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - width)
            return (Int(place >> 6), 1 << (place & 63))
        }
        var once = [UInt64](repeating: 0, count: 1 << (width - 6))
        var again = once
        for row in rows.indices {
            let (word, bit) = bit(of: row)
            again[word] |= once[word] & bit
            once[word] |= bit
        }
        var seen: Set<ExternalID> = []
        var repeated: Set<ExternalID> = []
        for row in rows.indices {
            let (word, bit) = bit(of: row)
            guard again[word] & bit != 0, !seen.insert(rows[row].key.externalID).inserted else { continue }
            repeated.insert(rows[row].key.externalID)
        }
        return repeated
    }

    private static func repeatedAddresses(
        _ rows: [DesiredInstance], _ briefs: [DesiredInstance.Brief]
    ) -> [(address: String, rows: [Int])] {
        // Nearly all are IPv4, which sort as numbers, with the row in the lower half.
        var numbers: [UInt64] = []
        var others: [String: [Int]] = [:]
        numbers.reserveCapacity(rows.count)
        for row in rows.indices {
            if briefs[row].address != 0 {
                numbers.append(UInt64(briefs[row].address) << 32 | UInt64(row))
                continue
            }
            guard let text = rows[row].address else { continue }
            if let number = DNSName.ipv4(text) {
                numbers.append(UInt64(number) << 32 | UInt64(row))
            } else {
                others[DNSName.canonical(text), default: []].append(row)
            }
        }
        let isSorted = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
        if !isSorted { numbers.sort() }
        var groups: [[Int]] = []
        for (here, next) in zip(numbers, numbers.dropFirst()) where here >> 32 == next >> 32 {
            let (here, next) = (Int(here & 0xffff_ffff), Int(next & 0xffff_ffff))
            if groups.last?.last == here {
                groups[groups.count - 1].append(next)
            } else {
                groups.append([here, next])
            }
        }
        return groups.map { (rows[$0[0]].address ?? "", $0) }
            + others.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// All of it follows from the rows that it is an index of.
    package static func == (a: DesiredIndex, b: DesiredIndex) -> Bool {
        a.hosts == b.hosts && a.billing == b.billing
    }
}
