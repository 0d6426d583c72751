/// A check of one instance: looks at one row and what is known about it, and adds what differs. Pure; it decides nothing.
package protocol InstanceCheck: Sendable {
    /// The kinds that this check can find.
    static var kinds: [DriftKind] { get }
    static func check(_ instance: InstanceContext, _ findings: inout Findings)
    /// Whether ``check(_:_:)`` certainly adds nothing for a row of which this is seen. False where a glance cannot tell.
    static func isSilent(_ glance: Glance) -> Bool
}

/// A check of the whole fleet: finds what no row stands for, or what several rows share.
package protocol FleetCheck: Sendable {
    static var kinds: [DriftKind] { get }
    static func check(_ fleet: FleetContext, _ findings: inout Findings)
}

/// Every check there is. A new one goes into `Checks/` and into one of these lists.
package enum CheckList {
    /// Before all others: what is dead acts on nothing and claims nothing, and they have to know that.
    package static let first: [any FleetCheck.Type] = [DeadOperations.self]

    package static let instance: [any InstanceCheck.Type] = [
        ContainerExistence.self, ContainerIdentity.self, ContainerPower.self, ContainerNode.self, DNSRecords.self,
        ContainerAddress.self, AgentAnswers.self, VelocityBackends.self, ContainerLock.self, AgentReadiness.self,
    ]

    package static let fleet: [any FleetCheck.Type] = [
        ContainerOrphans.self, DNSOrphans.self, DuplicateAllocations.self, UncertainOperations.self,
        VelocityGhosts.self, QueueBacklog.self, QueueWorkers.self,
        // After those that doubt the rows.
        ContainerNodeOffline.self,
    ]

    /// Kinds that this round did not look at, with the reason.
    ///
    /// - Parameter history: of the daemon's earlier rounds; nil for an audit, which looks once.
    package static func notEvaluated(
        settings: PipelineSettings, facts: Facts, history: History?, at now: Timestamp
    ) -> [(kind: DriftKind, why: String)] {
        let found = Set(instance.flatMap { $0.kinds } + (first + fleet).flatMap { $0.kinds })
        return DriftKind.allCases.compactMap { kind in
            let plane = evidencePlane(of: kind)
            if !settings.isConfigured(plane) { return (kind, "plane \(plane.rawValue) is not configured") }
            guard found.contains(kind) else { return (kind, "this version does not look at it") }
            if kind == .containerAddressChanged, history == nil {
                return (
                    kind,
                    "in part: a guest is asked where its agent is silent or tells of a crash, or its registration is due"
                )
            }
            guard let needed = History.needs(kind) else { return nil }
            // A lock may be missing for a moment, a worker for as long as it reconnects.
            guard let history else { return (kind, "needs history") }
            if !history.isLongEnough(for: kind, at: now) {
                return (kind, "this process has not watched for \(needed) yet")
            }
            if kind == .queueNoWorker, facts.queues.latest.value?.hidesWorkers == true {
                return (kind, "CLIENT LIST is not allowed, so nothing is known of workers")
            }
            if kind == .queueNoWorker, facts.queues.latest.value?.hasNamelessWorkers == true {
                return (kind, "a queue is worked on by connections without a worker's name, so they cannot be counted")
            }
            return nil
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
