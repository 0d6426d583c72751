/// A host name's place in a sorted list: by the number in it, then by its text.
///
/// A host name of ours carries its VMID, so that lists in this order and rows in the order of their VMIDs can be walked side by
/// side, comparing integers.
package enum HostOrder {
    /// The last run of digits in a name, its lowest 18 digits; 0 without one.
    package static func number(in name: some StringProtocol) -> UInt64 {
        var value: UInt64 = 0
        var scale: UInt64 = 1
        var isInside = false
        for byte in name.utf8.reversed() {
            guard byte &- 48 < 10 else {
                if isInside { break }
                continue
            }
            isInside = true
            if scale == 1_000_000_000_000_000_000 { break }
            value += UInt64(byte &- 48) * scale
            scale *= 10
        }
        return value
    }

    /// The first place in `0..<count` that is not before what is looked for.
    package static func first(in count: Int, isBefore: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// The rows of desired state in the order of their host names: who claims a name, and which names are claimed twice.
package struct HostIndex: Equatable, Sendable {
    /// By row: its canonical short host name, and the number in it.
    package let names: [String]
    package let numbers: [UInt64]
    /// Rows by ``HostOrder``.
    package let order: [Int32]
    /// Host names that several rows have, with those rows in order.
    package let repeated: [[Int]]
    /// Whether a row's name has a dot: it may carry the zone, which only the settings can tell.
    package let hasDots: Bool

    package init(_ rows: [DesiredInstance], zone: String?) {
        var names: [String] = []
        var numbers: [UInt64] = []
        names.reserveCapacity(rows.count)
        numbers.reserveCapacity(rows.count)
        var hasDots = false
        for row in rows {
            let name = HostName.canonical(row.hostname, zone: zone)
            hasDots = hasDots || row.hostname.utf8.contains(46)
            numbers.append(HostOrder.number(in: name))
            names.append(name)
        }
        var order = (0..<Int32(rows.count)).map { $0 }
        func precedes(_ a: Int32, _ b: Int32) -> Bool {
            let (left, right) = (Int(a), Int(b))
            if numbers[left] != numbers[right] { return numbers[left] < numbers[right] }
            if names[left] != names[right] { return names[left] < names[right] }
            return a < b
        }
        let isSorted = zip(order, order.dropFirst()).allSatisfy { precedes($0, $1) }
        if !isSorted { order.sort(by: precedes) }
        var repeated: [[Int]] = []
        for (here, next) in zip(order, order.dropFirst())
        where numbers[Int(here)] == numbers[Int(next)] && names[Int(here)] == names[Int(next)] {
            if repeated.last?.last == Int(here) {
                repeated[repeated.count - 1].append(Int(next))
            } else {
                repeated.append([Int(here), Int(next)])
            }
        }
        self.names = names
        self.numbers = numbers
        self.order = order
        self.repeated = repeated
        self.hasDots = hasDots
    }

    /// The rows with a canonical short host name, in order.
    package func rows(named name: String) -> [Int] {
        let number = HostOrder.number(in: name)
        var place = HostOrder.first(in: order.count) { isBefore($0, number, name) }
        var rows: [Int] = []
        while place < order.count, names[Int(order[place])] == name {
            rows.append(Int(order[place]))
            place += 1
        }
        return rows
    }

    package func contains(_ name: String) -> Bool {
        let number = HostOrder.number(in: name)
        let place = HostOrder.first(in: order.count) { isBefore($0, number, name) }
        return place < order.count && names[Int(order[place])] == name
    }

    /// Whether the row at a place comes before a name.
    package func isBefore(_ place: Int, _ number: UInt64, _ name: String) -> Bool {
        let row = Int(order[place])
        return numbers[row] != number ? numbers[row] < number : names[row] < name
    }
}
