extension Guest {
    /// What every plan asks of every guest, in numbers.
    struct Brief: Equatable, Sendable {
        enum Look: Sendable {
            /// A container that nobody acts on, whose power is known.
            case runs, rests
            /// Anything else: to be looked at closely.
            case unusual
        }

        let vmid: VMID
        let node: NodeNames.Place
        let look: Look

        init(_ guest: Guest, _ nodes: inout NodeNames) {
            vmid = guest.vmid
            node = nodes.place(of: guest.node)
            let isUsual = guest.kind == .lxc && guest.lock == nil && !guest.isTemplate
            switch guest.power.value {
            case .running where isUsual: look = .runs
            case .stopped where isUsual: look = .rests
            default: look = .unusual
            }
        }
    }
}
