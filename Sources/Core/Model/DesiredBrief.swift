extension DesiredInstance {
    /// What every plan asks of every row, in numbers: nothing of it is a text that would have to be looked up elsewhere.
    struct Brief: Equatable, Sendable {
        let vmid: VMID
        /// Zero where there is none, or it is not written as an IPv4 address.
        let address: UInt32
        /// The port of the SRV record that clients look up; ``noService`` for a game without one.
        let port: Int32
        /// The node that the row records.
        let node: NodeNames.Place
        let ctype: ContainerType
        let power: Power
        let status: Status
        let billing: BillingEffect

        static let noService: Int32 = -1
        /// No record has it.
        static let impossiblePort: Int32 = -2

        init(_ row: borrowing DesiredInstance, _ billing: BillingEffect, _ nodes: inout NodeNames) {
            vmid = row.vmid
            address = row.address.flatMap { DNSName.ipv4($0) } ?? 0
            let wanted = Games.usesSRV(row.game) ? Games.port(of: row) : nil
            port = wanted.map { UInt16(exactly: $0).map(Int32.init) ?? Brief.impossiblePort } ?? Brief.noService
            node = nodes.place(of: row.node)
            (ctype, power, status) = (row.ctype, row.power, row.status)
            self.billing = billing
        }

        var wantsService: Bool { port != Brief.noService }
    }
}
