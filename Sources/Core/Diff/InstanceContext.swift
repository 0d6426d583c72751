/// One row with all that is known about it: what a check of an instance gets to see.
package struct InstanceContext {
    package let index: Int
    package let glance: Glance
    package var standing: Standing { glance.standing }
    /// Nil when Proxmox is not configured.
    package let container: Observed<Guest>?
    /// Whether the guest under the VMID is this instance; ``Identity/unknown(_:)`` when that cannot be told.
    package let identity: Identity
    /// What all instances share. One reference: a copy for each of a hundred thousand would cost more than the checks.
    package let fleet: FleetContext

    /// Where it lies: a copy would retain each of its texts.
    package var row: DesiredInstance { _read { yield fleet.expectation.desired.instances[index] } }

    package var expectation: Expectation { fleet.expectation }
    package var facts: Facts { fleet.facts }
    package var settings: PipelineSettings { fleet.settings }

    package enum Identity: Equatable, Sendable {
        case confirmed
        /// There is no guest, or no plane that could show one.
        case notApplicable
        case mismatch(String)
        case unknown(Unknown)
    }

    /// The row's canonical short host name.
    package var host: String { fleet.expectation.hosts.names[index] }

    /// What the row's agent said; nil when the plane is not configured.
    package var agent: Observed<AgentStatus>? { fleet.agent(of: row, index) }

    package var subject: Subject {
        Subject(
            vmid: row.vmid, externalID: row.key.externalID, hostname: row.hostname, customer: row.customer)
    }

    package func subject(record: String) -> Subject {
        var subject = subject
        subject.record = record
        return subject
    }
}

extension InstanceContext.Identity {
    /// Compares the guest under a VMID with the row that expects it.
    ///
    /// - Parameter isNamedAlike: whether both are known to have the same name, so that it need not be compared.
    package init(_ container: Observed<Guest>?, hostname: String, zone: String?, isNamedAlike: Bool) {
        switch container {
        case nil, .absent: self = .notApplicable
        case .unknown(let reason): self = .unknown(reason)
        case .present(let guest, _):
            if guest.kind != .lxc {
                self = .mismatch("a \(guest.kind.rawValue) guest" + (guest.name.map { " named '\($0)'" } ?? ""))
                return
            }
            if isNamedAlike && guest.lock == nil && !guest.isTemplate {
                self = .confirmed
                return
            }
            // While a guest is created, restored, cloned or destroyed its configuration is rewritten and may lack its name.
            let isRewritten = guest.lock == "create" || guest.lock == "destroyed"
            // Proxmox calls a container whose configuration has no host name, or cannot be read, "CT<vmid>".
            guard let name = guest.name, !isRewritten, DNSName.canonical(name) != "ct\(guest.vmid)" else {
                self = .unknown(isRewritten ? .locked : .nameUnknown)
                return
            }
            let isSame = HostName.canonical(name, zone: zone) == HostName.canonical(hostname, zone: zone)
            if !isSame {
                self = .mismatch("a container named '\(name)'")
            } else if guest.isTemplate {
                self = .mismatch("a template named '\(name)'")
            } else {
                self = .confirmed
            }
        }
    }
}
