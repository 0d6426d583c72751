extension AgentReading.Poll {
    /// What every plan asks of every agent, in numbers.
    struct Brief: Equatable, Sendable {
        enum Look: Sendable {
            /// It answers, and all is well with its workload.
            case ready
            /// It answers, and no word of a crash or an error.
            case answers
            /// Anything else: to be looked at closely.
            case unusual
        }

        /// Where it was asked; zero where that is not written as an IPv4 address.
        let address: UInt32
        let look: Look

        init(_ poll: AgentReading.Poll) {
            address = DNSName.ipv4(poll.target.address) ?? 0
            guard case .status(let status) = poll.answer, status.state != .crashed, status.state != .error else {
                look = .unusual
                return
            }
            look = status.ready == true && status.contradiction == nil ? .ready : .answers
        }
    }
}
