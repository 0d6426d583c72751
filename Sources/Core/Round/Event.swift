/// What can happen to the controller. Time and everything observed come in through here, and nowhere else.
package enum Event: Sendable {
    case operatorAsked(Request)
    case observed(Observation)
    case woke(Wake)
    case stop
    /// The database said that what should be has changed: it is looked at soon, whatever is going on.
    case desiredChanged(Changed)
    case tenure(Tenure)
    /// It is another time than it was, between two rounds: how much has gone by since the last one nobody knows.
    case clockSet
    /// The database tells again what changes, after it could not be heard.
    case hearsAgain
    /// A clock of the machine was set forward in the middle of the round that ended: the controller is as it was before it. With what
    /// was told meanwhile.
    case roundTorn(Changed?)
    /// Policies that were read again, and the calendar, which reaches some days ahead.
    case reloaded(PolicySet, RepairCalendar)
    /// Answers ``Effect/recall(epoch:)``; nil when it could not be read.
    case recalled(Memory?)
    /// Answers ``Effect/journal(_:epoch:cycle:then:)``.
    case journaled(Bool, then: [Intent])
    /// Answers ``Effect/repair(_:)``.
    case repaired(Intent, RepairOutcome)
    /// Answers ``Effect/repair(_:)``, too: it has not begun, since something has changed meanwhile and is looked at first.
    case postponed(Intent)
    /// Answers ``Effect/redeem(_:epoch:)``.
    case redeemed(Bool)
}

/// What an operator can ask for.
package enum Request: Equatable, Sendable {
    /// One observe, diff, decide pass.
    case audit
    /// The same pass over one VMID, and all that it knows of it.
    case explain(VMID)
}

/// An answer to an ``Effect/observe(_:)``.
package struct Observation: Sendable {
    package enum Content: Sendable {
        case desired(Result<DesiredState, ReadFailure>)
        case proxmox(Result<ProxmoxReading, ReadFailure>)
        case publicZone(Result<ZoneReading, ReadFailure>)
        case internalZone(Result<TechnitiumReading, ReadFailure>)
        case agents(Result<AgentReading, ReadFailure>)
        case velocity(Result<VelocityReading, ReadFailure>)
        case queues(Result<QueueReading, ReadFailure>)

        package var plane: Plane {
            switch self {
            case .desired: .database
            case .proxmox: .proxmox
            case .publicZone: .publicDNS
            case .internalZone: .internalDNS
            case .agents: .agents
            case .velocity: .velocity
            case .queues: .queues
            }
        }
    }

    /// Which look of the round it answers: 1 or 2.
    package var look: Int
    package var content: Content

    package init(look: Int, content: Content) {
        self.look = look
        self.content = content
    }
}

/// Why the controller asked to be woken.
package enum Wake: Hashable, Sendable {
    /// Time for the second look.
    case secondLook
    /// The first look ends now, whatever has not answered: a plane that hangs may not cost the others their second look.
    case lookDeadline
    /// The round ends now, whatever has not answered.
    case roundDeadline
    /// The next round of the daemon is due.
    case cycle
}
