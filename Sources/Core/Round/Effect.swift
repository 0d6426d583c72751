/// What the controller wants done. Production and simulation differ only in who does it.
package enum Effect: Equatable, Sendable {
    case observe(Look)
    case wake(Wake, at: Timestamp)
    /// How the round ended. Whatever was asked for on its behalf is of no use any more.
    case tell(Outcome)
    /// The round that runs is given up for a change, and begun anew soon. Whatever was asked for on its behalf is of no use.
    case giveWay
    /// Read what is remembered of open drifts, and look how attempts that were interrupted have ended.
    case recall(epoch: Int64)
    /// Write down what has changed; the repairs wait for it.
    case journal([JournalEntry], epoch: Int64, cycle: Int64, then: [Intent])
    case repair(Intent)
    /// Write down what an approval covers from now on; done once for each.
    case redeem(Redemption, epoch: Int64)
}

/// One look at one plane.
package struct Look: Hashable, Sendable {
    package var plane: Plane
    /// 1 or 2.
    package var number: Int
    /// Where the first look was answered: a second one has to be of the same place. Nil leaves the choice open.
    package var place: String?
    /// Guests whose absence is to be earned: Proxmox is asked for each whether the token could see it.
    package var suspects: [VMID]
    /// Guests whose own addresses Proxmox is to be asked for.
    package var addressesOf: [VMID]
    /// How long the polls of the agents may be spread; nothing for one that looks once.
    package var agentsOver = Span.seconds(0)
    /// Guests on whose nodes Proxmox is to be asked for the tasks that run.
    package var tasksOf: [VMID] = []
    /// The agents to ask; of a second look those that were silent.
    package var agents: [AgentTarget]
    /// Jobs of operations that the database calls live: the queues are asked for each whether they have it.
    package var jobs: [JobReference] = []

    package init(
        plane: Plane, number: Int, place: String? = nil, suspects: [VMID] = [], addressesOf: [VMID] = [],
        agents: [AgentTarget] = []
    ) {
        self.plane = plane
        self.number = number
        self.place = place
        self.suspects = suspects
        self.addressesOf = addressesOf
        self.agents = agents
    }
}

/// How a round ended.
package enum Outcome: Equatable, Sendable {
    case report(Report)
    /// Without desired state there is nothing to hold the estate against.
    ///
    /// - Parameter seen: how much of each other plane was seen all the same; empty where nobody looked.
    case desiredUnreadable(ReadFailure, seen: [Coverage] = [])
}
