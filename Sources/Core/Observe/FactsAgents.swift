extension Facts {
    /// A row's agent. `.absent` is earned: it refused or timed out in two looks. Nil when the plane is not configured.
    package func agent(of row: DesiredInstance, in expectation: Expectation) -> Observed<AgentStatus>? {
        switch agents.latest {
        case .notConfigured: return nil
        case .failed(let reason, _, _): return .unknown(reason)
        case .read(let latest):
            // Whoever answers at an address that is not known to be this row's alone says nothing about this row.
            guard let address = row.address, !expectation.sharedAddresses.contains(address) else {
                return .unknown(.addressUnknown)
            }
            return confirmed(latest.agent(of: row), unconfirmed: agents.unconfirmed) {
                agents.earlier?.value?.agent(of: row)
            }
        }
    }

    /// Whether a container certainly runs: listed as running, by two looks where there were two. A lock means that somebody
    /// is acting on it, and a frozen moment may be part of that.
    package func certainlyRuns(_ row: DesiredInstance) -> Bool {
        guard case .read(let latest) = inventory.latest, runs(row, in: latest) else { return false }
        guard isConfirming, !isConfirmed(running: row) else { return true }
        guard inventory.unconfirmed == nil, let earlier = inventory.earlier?.value else { return false }
        return runs(row, in: earlier)
    }

    private func runs(_ row: DesiredInstance, in inventory: Inventory) -> Bool {
        guard case .present(let guest, _) = inventory.container(row.vmid, recordedNode: row.node) else { return false }
        return guest.power.value == .running && guest.lock == nil
    }

    /// Why it is not certain that a row's address is its own; nil when the guest's own interfaces have it. That the address
    /// lies in `agents.networks` and is claimed once is known already when its agent has answered there.
    package func addressDoubt(of row: DesiredInstance) -> String? {
        guard let address = row.address else { return "the row has no address" }
        guard row.ipv4 != nil else {
            return "\(address) is no IPv4 address, and only those of the guest's interfaces are read"
        }
        guard let addresses = inventory.latest.value?.addresses?[row.vmid] else {
            return leftOut.contains(row.vmid)
                ? "the guest's interfaces were not read: more guests wait for that than one look asks, and its turn comes later"
                : "the guest's interfaces were not read"
        }
        return addresses.ipv4.contains(address) ? nil : "the guest's interfaces do not have \(address)"
    }

    /// Whether the guest's own interfaces were read and certainly lack the row's address: whoever answers there is another one.
    package func hasLostAddress(_ row: DesiredInstance) -> Bool {
        guard let address = row.ipv4, let own = inventory.latest.value?.addresses?[row.vmid] else { return false }
        // A guest that has no address at all, or none where guests are looked for, is still waiting for one.
        return own.isWhole && !own.ipv4.isEmpty && !own.isOutside && !own.ipv4.contains(address)
    }

    /// Whether whoever answers at a row's address is certainly not its agent: its guest is gone, rests, or has lost that address.
    func isAnotherAgent(of row: DesiredInstance, in guest: Observed<Guest>?) -> Bool {
        guest?.isAtRest == true || hasLostAddress(row)
    }

    /// The absence of something from the proxy's list, seen by as many looks as there were.
    package func confirmAbsence(fromProxy wasAbsent: (ProxyList) -> Bool) -> Observed<Never> {
        switch proxy.latest {
        case .notConfigured: return .unknown(.notRead)
        case .failed(let reason, _, _): return .unknown(reason)
        case .read(let list):
            let seen: Observed<Never> = list.isDoubtful ? .unknown(.malformed) : .absent(list.evidence)
            return confirmed(seen, unconfirmed: proxy.unconfirmed) {
                proxy.earlier?.value.map {
                    wasAbsent($0) && !$0.isDoubtful ? .absent($0.evidence) : .unknown(.notConfirmed)
                }
            }
        }
    }
}
