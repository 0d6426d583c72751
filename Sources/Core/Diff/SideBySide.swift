/// Walks two lists in the same order, and says where each of the one is in the other.
enum SideBySide {
    /// - Parameters:
    ///   - isBefore: whether what is at a place of the second list comes before a row.
    ///   - isIt: whether it is the row's.
    static func places(
        of rows: Int, in count: Int, isBefore: (_ row: Int, _ place: Int) -> Bool,
        isIt: (_ row: Int, _ place: Int) -> Bool
    ) -> [Int32] {
        var places = [Int32](repeating: -1, count: rows)
        var place = 0
        for row in 0..<rows {
            while place < count, isBefore(row, place) { place += 1 }
            if place < count, isIt(row, place) { places[row] = Int32(place) }
        }
        return places
    }

    static func places(of hosts: HostIndex, in zone: [ZoneHost]) -> [Int32] {
        places(of: hosts, in: zone.count, number: { zone[$0].key.number }, key: { zone[$0].key })
    }

    static func places(of hosts: HostIndex, in keys: [HostKey]) -> [Int32] {
        places(of: hosts, in: keys.count, number: { keys[$0].number }, key: { keys[$0] })
    }

    /// The first place of each row's host in a list that is in the order of its keys, or -1.
    private static func places(
        of hosts: HostIndex, in count: Int, number: (Int) -> UInt64, key: (Int) -> HostKey
    ) -> [Int32] {
        var places = [Int32](repeating: -1, count: hosts.keys.count)
        var place = 0
        for row in hosts.order {
            let row = Int(row)
            let wanted = hosts.keys[row].number
            while place < count {
                // Numbers decide nearly always; a key is taken out only for its text.
                let here = number(place)
                if here > wanted { break }
                if here == wanted {
                    let key = key(place)
                    if key == hosts.keys[row] { places[row] = Int32(place) }
                    if !(key < hosts.keys[row]) { break }
                }
                place += 1
            }
        }
        return places
    }
}
