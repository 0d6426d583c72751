/// The rows of desired state as they come, each joined with billing and put into numbers while it is at hand: a database makes the
/// next one meanwhile.
package struct InstanceRoll: Sendable {
    private(set) var rows: [DesiredInstance] = []
    /// By row: what every plan asks of it.
    private(set) var briefs: [DesiredInstance.Brief] = []
    /// By row: its customer's place in `billing`, or -1.
    private(set) var places: [Int32] = []
    private(set) var hosts = HostIndex.Collected(zone: nil)
    private(set) var nodes = NodeNames()
    /// Canonical.
    private(set) var games: Set<String> = []
    /// Whether no key is smaller than the one before.
    private(set) var isInOrder = true

    let billing: [BillingRow]
    private let customers: [String: Int32]
    /// Kept apart, because a row that is taken out of the list to be looked at retains each of its texts.
    private var lastKey: InstanceKey?
    /// As it was written: rows of one game often follow one another.
    private var lastGame: String?

    package init(billing: [BillingRow]) {
        self.billing = billing
        // Two rows for one customer cannot come from our view; from a redefined one the stricter counts.
        customers = Dictionary(
            billing.indices.map { (billing[$0].customer, Int32($0)) },
            uniquingKeysWith: { billing[Int($0)].effect != .none ? $0 : $1 })
    }

    package init(_ rows: [DesiredInstance], billing: [BillingRow]) {
        self.init(billing: billing)
        self.rows.reserveCapacity(rows.count)
        briefs.reserveCapacity(rows.count)
        places.reserveCapacity(rows.count)
        hosts.reserve(rows.count)
        for row in rows { append(row) }
    }

    package mutating func append(_ row: consuming DesiredInstance) {
        if let lastKey, row.key < lastKey { isInOrder = false }
        lastKey = row.key
        let place = row.customer.flatMap { customers[$0] } ?? -1
        places.append(place)
        briefs.append(DesiredInstance.Brief(row, place < 0 ? .none : billing[Int(place)].effect, &nodes))
        hosts.append(row.hostname)
        if let game = row.game, game != lastGame {
            games.insert(DNSName.canonical(game))
            lastGame = game
        }
        rows.append(row)
    }

    /// The same rows in the order of their keys; those with one key stay as they came.
    func sorted() -> InstanceRoll {
        isInOrder ? self : InstanceRoll(rows.sorted { $0.key < $1.key }, billing: billing)
    }
}
