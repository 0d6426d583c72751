/// What the numbers of all planes tell of one row, before anything of it is looked at closely.
///
/// Nearly every row is exactly as it should be. For that to be seen without a text being touched, each plane is judged into
/// numbers beside its listing, and a glance says what is certain from them. A sign that is not given means only that the row has
/// to be looked at closely. Each check says beside itself what it has to see at a glance to be silent
/// (``InstanceCheck/isSilent(_:)``).
package struct Glance: Sendable {
    /// What is certain. A plane that is not configured gives its sign for every row: nothing will be said of it.
    package struct Signs: OptionSet, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// The guest under the VMID is a container with the row's name, nobody acts on it, and it runs.
        static let runs = Signs(rawValue: 1)
        /// The same, and it rests.
        static let rests = Signs(rawValue: 2)
        /// It lies where the row records it, or the row records no node.
        static let atItsNode = Signs(rawValue: 4)
        /// The public zone has the very records of a game server like this at its host name, and no other.
        static let publicZone = Signs(rawValue: 8)
        static let internalZone = Signs(rawValue: 16)
        /// The agent answers at the row's address and says nothing of a crash or an error.
        static let agentAnswers = Signs(rawValue: 32)
        /// It also calls its workload ready, and nothing contradicts it; or nobody keeps a history, which alone makes that count.
        static let agentReady = Signs(rawValue: 64)
        /// The proxy has one backend of the row's host name, at its address and the usual port.
        static let registered = Signs(rawValue: 128)
        /// No other claims its address, no row or operation on its VMID is unreadable, nobody has read its interfaces, no
        /// earlier round remembers anything of it or left anything open.
        static let unremarked = Signs(rawValue: 256)
    }

    package let standing: Standing
    package let isGame: Bool
    /// Whether players look up an SRV record, and come through the proxy.
    package let wantsService: Bool
    package let signs: Signs

    func shows(_ signs: Signs) -> Bool { self.signs.isSuperset(of: signs) }

    /// The guest is this instance and is left in peace, whether it runs or not.
    var isConfirmed: Bool { !signs.isDisjoint(with: [.runs, .rests]) }

    /// Whether nothing at all will be said of the row.
    func isQuiet(_ checks: [any InstanceCheck.Type]) -> Bool {
        switch standing {
        case .live, .suppressed, .claimed: break
        case .billingUnknown, .contradictory, .failed, .excluded: return false
        }
        guard isConfirmed, shows(.unremarked) else { return false }
        for check in checks where !check.isSilent(self) { return false }
        return true
    }
}

/// How many rows a glance was enough for: what they add to the instances that each plane was looked at for.
struct QuietRows {
    private var all = 0
    private var atTheEdge = 0
    private var running = 0
    private var behindTheProxy = 0

    mutating func count(_ glance: Glance) {
        all += 1
        guard case .live(let power) = glance.standing else { return }
        if glance.isGame { atTheEdge += 1 }
        guard power == .running else { return }
        running += 1
        if glance.isGame && glance.wantsService { behindTheProxy += 1 }
    }

    /// Quiet rows have a guest, so that Proxmox is one of the planes.
    func add(to applicable: inout PlaneTally, _ settings: PipelineSettings) {
        applicable[.proxmox] += all
        for plane in [Plane.publicDNS, .internalDNS] where settings.isConfigured(plane) {
            applicable[plane] += atTheEdge
        }
        if settings.agents { applicable[.agents] += running }
        if settings.velocity { applicable[.velocity] += behindTheProxy }
    }
}
