/// The rows of desired state by their host names: who claims a name, and which names are claimed twice.
package struct HostIndex: Equatable, Sendable {
    /// By row: its canonical short host name, and its key.
    package let names: [String]
    package let keys: [HostKey]
    /// Rows in the order of their keys.
    package let order: [Int32]
    /// Host names that several rows have, with those rows in order.
    package let repeated: [[Int]]
    /// Whether a row's name has a dot: it may carry the zone, which only the settings can tell.
    package let hasDots: Bool

    package init(_ rows: [DesiredInstance], zone: String?) {
        var names: [String] = []
        var keys: [HostKey] = []
        names.reserveCapacity(rows.count)
        keys.reserveCapacity(rows.count)
        var hasDots = false
        for row in rows {
            let name = HostName.canonical(row.hostname, zone: zone)
            hasDots = hasDots || row.hostname.utf8.contains(46)
            keys.append(HostKey(name))
            names.append(name)
        }
        var order = (0..<Int32(rows.count)).map { $0 }
        func precedes(_ a: Int32, _ b: Int32) -> Bool {
            let (left, right) = (Int(a), Int(b))
            return keys[left] != keys[right] ? keys[left] < keys[right] : a < b
        }
        let isSorted = zip(order, order.dropFirst()).allSatisfy { precedes($0, $1) }
        if !isSorted { order.sort(by: precedes) }
        var repeated: [[Int]] = []
        for (here, next) in zip(order, order.dropFirst())
        where keys[Int(here)] == keys[Int(next)] {
            if repeated.last?.last == Int(here) {
                repeated[repeated.count - 1].append(Int(next))
            } else {
                repeated.append([Int(here), Int(next)])
            }
        }
        self.names = names
        self.keys = keys
        self.order = order
        self.repeated = repeated
        self.hasDots = hasDots
    }

    /// The rows with a canonical short host name, in order.
    package func rows(named name: String) -> [Int] {
        let key = HostKey(name)
        var place = Sorted.first(in: order.count) { keys[Int(order[$0])] < key }
        var rows: [Int] = []
        while place < order.count, keys[Int(order[place])] == key {
            rows.append(Int(order[place]))
            place += 1
        }
        return rows
    }

    package func contains(_ name: String) -> Bool {
        let key = HostKey(name)
        let place = Sorted.first(in: order.count) { keys[Int(order[$0])] < key }
        return place < order.count && keys[Int(order[place])] == key
    }
}
