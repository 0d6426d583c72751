/// What a drift is about beside a server, in the words of the report, for whoever tells of it.
extension Subject {
    /// Each with its label: a record, a queue, an address that more than one claim, a node.
    package var places: [(label: StaticString, text: String)] {
        var places: [(StaticString, String)] = []
        if let record { places.append(("record", record)) }
        if let queue { places.append(("queue", queue)) }
        if let address { places.append(("address", address)) }
        if let node { places.append(("node", node)) }
        return places
    }

    /// The same in one line, where no host name says it; nil where there is nothing to say. Foreign text.
    package var about: String? {
        guard hostname == nil, !places.isEmpty else { return nil }
        return places.map { "\($0.label) \($0.text)" }.joined(separator: ", ")
    }
}
