/// A check of one instance: looks at one row and what is known about it, and adds what differs. Pure; it decides nothing.
package protocol InstanceCheck: Sendable {
    /// The kinds that this check can find.
    static var kinds: [DriftKind] { get }
    static func check(_ instance: InstanceContext, _ findings: inout Findings)
}

/// A check of the whole fleet: finds what no row stands for, or what several rows share.
package protocol FleetCheck: Sendable {
    static var kinds: [DriftKind] { get }
    static func check(_ fleet: FleetContext, _ findings: inout Findings)
}

/// Every check there is. A new one goes into `Checks/` and into one of these lists.
package enum CheckList {
    package static let instance: [any InstanceCheck.Type] = [
        ContainerExistence.self, ContainerIdentity.self, ContainerPower.self, ContainerNode.self, DNSRecords.self,
        ContainerAddress.self, AgentAnswers.self, VelocityBackends.self,
    ]

    package static let fleet: [any FleetCheck.Type] = [
        ContainerOrphans.self, DNSOrphans.self, DuplicateAllocations.self, UncertainOperations.self,
        VelocityGhosts.self, DeadOperations.self, QueueBacklog.self,
    ]

    /// Kinds that no check of this version finds in a single look, with the reason.
    package static func notEvaluated(settings: PipelineSettings) -> [(kind: DriftKind, why: String)] {
        let found = Set(instance.flatMap { $0.kinds } + fleet.flatMap { $0.kinds })
        return DriftKind.allCases.compactMap { kind in
            let plane = evidencePlane(of: kind)
            if !settings.isConfigured(plane) { return (kind, "plane \(plane.rawValue) is not configured") }
            if found.contains(kind) { return nil }
            // A lock may be missing for a moment, a worker for as long as it reconnects.
            let lasting: [DriftKind] = [.containerLocked, .agentNotReady, .queueStalled, .queueNoWorker]
            if lasting.contains(kind) { return (kind, "needs history") }
            return (kind, "this version does not look at it")
        }
    }

    /// The plane without which a kind cannot be told.
    static func evidencePlane(of kind: DriftKind) -> Plane {
        switch kind {
        case .operationStale, .operationStuck: .queues
        case .operationUncertain: .proxmox
        // Asked for only where an agent is silent or a registration is missing.
        case .containerAddressChanged: .agents
        default: kind.plane
        }
    }
}
