/// The nodes that a list names, in the order in which it does: a place stands for a name.
struct NodeNames: Equatable, Sendable {
    typealias Place = UInt8

    /// Of what names no node.
    static let none = Place.max
    /// Of a node for which there was no place any more.
    static let other = Place.max - 1

    private(set) var names: [String] = []

    mutating func place(of name: String?) -> Place {
        guard let name else { return NodeNames.none }
        // Clusters are small: a look through all of them is faster than a hash.
        if let place = names.firstIndex(of: name) { return Place(place) }
        guard names.count < Int(NodeNames.other) else { return NodeNames.other }
        names.append(name)
        return Place(names.count - 1)
    }
}

/// Which nodes of two lists are the same, however they are written.
struct NodeMatches: Sendable {
    private let table: [Bool]
    private let width: Int

    init(_ rows: NodeNames, _ guests: NodeNames) {
        width = guests.names.count
        table = rows.names.flatMap { row in guests.names.map { DNSName.areSame($0, row) } }
    }

    /// Whether both are certainly the same node.
    func areSame(row: NodeNames.Place, guest: NodeNames.Place) -> Bool {
        if row >= NodeNames.other || guest >= NodeNames.other { return false }
        return table[Int(row) * width + Int(guest)]
    }
}
