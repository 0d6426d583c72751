package import Core

/// The configuration file with all defaults filled in. No secret has been read: each is a `SecretSource`.
package struct Configuration: Sendable {
    package enum Mode: String, CaseIterable, Sendable {
        case dryRun = "dry-run"
        case repair
    }

    /// Scoped go-live: what is executed at all.
    package struct Repair: Equatable, Sendable {
        package var kinds: [KindPattern]
        package var vmids: VMIDSelection

        package static let everything = Repair(kinds: [KindPattern("*")], vmids: .all)

        /// A drift without a VMID is in a selection by VMID only when that is `*`.
        package func allows(_ kind: DriftKind, vmid: VMID?) -> Bool {
            guard kinds.contains(where: { $0.matches(kind) }) else { return false }
            return vmid.map { vmids.contains($0) } ?? (vmids == .all)
        }
    }

    package enum PolicyLocation: Equatable, Sendable {
        case directory(String)
        /// The key was left out and there is no folder `policies` beside the configuration file.
        case builtIn
    }

    package struct Events: Equatable, Sendable {
        package var keep: Span
    }

    package struct Lock: Equatable, Sendable {
        package var key: String
        package var ttl: Span
        /// How long one act may take; ends before the lease does.
        package var actDeadline: Span
    }

    /// Names this installation in ownership marks.
    package var id: String
    package var mode: Mode
    package var repair: Repair
    package var cycle: Span
    package var policies: PolicyLocation
    package var events: Events
    package var postgres: Postgres
    package var redis: Redis?
    package var lock: Lock
    package var scope: Scope
    package var proxmox: Proxmox?
    package var agents: Agents?
    package var dns: DNS?
    package var velocity: Velocity?
    package var queues: Queues?
    package var discord: Discord?
    package var http: HTTP?
}

extension Configuration {
    /// What the pipeline has to know of it.
    package func pipelineSettings() -> PipelineSettings {
        PipelineSettings(
            id: id, scope: scope,
            proxmox: proxmox.map { PipelineSettings.Proxmox(cluster: $0.cluster, canary: $0.canary) },
            zone: dns?.zone,
            publicDNS: dns?.public.map {
                PipelineSettings.DNS(edge: $0.edge, formerEdges: $0.formerEdges, ttl: $0.ttl)
            },
            internalDNS: dns?.internal.map {
                PipelineSettings.DNS(edge: $0.edge, formerEdges: $0.formerEdges, ttl: $0.ttl)
            },
            agents: agents != nil, velocity: velocity != nil, queues: queues != nil)
    }
}
