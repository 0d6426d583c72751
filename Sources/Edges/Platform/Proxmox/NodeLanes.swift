/// Which question about a single guest or node is asked next, as a value: several at once, and no node many of them.
///
/// A node answers such questions by a few processes of its own (three by default), and one that hangs keeps each for its whole time. So
/// nobody else waits for a node, and one that was late twice in a row is asked nothing more in this look: its guests are not known.
struct NodeLanes {
    /// Over the whole cluster.
    static let atOnce = 8
    static let perNode = 2
    /// In a row.
    static let mostLate = 2

    private let nodes: [String]
    /// In the order of need.
    private var waiting: [Int]
    private var running: [String: Int] = [:]
    private var late: [String: Int] = [:]
    private var count = 0

    /// - Parameter nodes: by whom each question is answered.
    init(nodes: [String]) {
        self.nodes = nodes
        waiting = Array(nodes.indices)
    }

    /// The first question that may be asked now; nil while the lanes are full, or when nothing is left.
    mutating func next() -> Int? {
        guard count < NodeLanes.atOnce,
            let place = waiting.firstIndex(where: { running[nodes[$0], default: 0] < NodeLanes.perNode })
        else { return nil }
        let index = waiting.remove(at: place)
        running[nodes[index], default: 0] += 1
        count += 1
        return index
    }

    mutating func ended(_ index: Int, isLate: Bool) {
        let node = nodes[index]
        running[node, default: 1] -= 1
        count -= 1
        late[node] = isLate ? late[node, default: 0] + 1 : 0
        if late[node, default: 0] >= NodeLanes.mostLate { waiting.removeAll { nodes[$0] == node } }
    }
}
