/// What is to happen when, in microseconds: a binary heap, in the order of time and then of entry.
struct Agenda<Item> {
    private struct Entry {
        let at: Int64
        let order: Int
        let item: Item
        static func < (a: Entry, b: Entry) -> Bool { (a.at, a.order) < (b.at, b.order) }
    }

    private var heap: [Entry] = []
    private var count = 0

    mutating func add(_ item: Item, at moment: Int64) {
        count += 1
        heap.append(Entry(at: moment, order: count, item: item))
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next(until end: Int64) -> (at: Int64, item: Item)? {
        guard let first = heap.first, first.at <= end, let last = heap.popLast() else { return nil }
        if heap.isEmpty { return (first.at, first.item) }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            if least == parent { return (first.at, first.item) }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
