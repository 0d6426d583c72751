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
        var collected = Collected(zone: zone)
        collected.reserve(rows.count)
        for place in rows.indices { collected.append(rows[place].hostname) }
        self.init(collected)
    }

    init(_ collected: Collected) {
        let (names, keys) = (collected.names, collected.keys)
        var order = (0..<Int32(keys.count)).map { $0 }
        if !collected.isInOrder {
            order.sort { a, b in
                let (left, right) = (Int(a), Int(b))
                return keys[left] != keys[right] ? keys[left] < keys[right] : a < b
            }
        }
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
        hasDots = collected.hasDots
    }

    /// Host names, one row after the other.
    struct Collected {
        private let zone: String?
        private(set) var names: [String] = []
        private(set) var keys: [HostKey] = []
        private(set) var hasDots = false
        /// Whether no key is smaller than the one before.
        private(set) var isInOrder = true

        init(zone: String?) { self.zone = zone }

        mutating func reserve(_ count: Int) {
            names.reserveCapacity(count)
            keys.reserveCapacity(count)
        }

        mutating func append(_ hostname: String) {
            let name = HostName.canonical(hostname, zone: zone)
            let key = HostKey(name)
            hasDots = hasDots || hostname.utf8.contains(46)
            if !keys.isEmpty, key < keys[keys.count - 1] { isInOrder = false }
            keys.append(key)
            names.append(name)
        }
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
