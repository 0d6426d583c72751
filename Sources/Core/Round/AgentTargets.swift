extension DesiredState {
    /// Whose agent is asked: every row that should run and says where. Whether the token may go there is for whoever sends it.
    package func agentTargets(_ settings: PipelineSettings) -> [AgentTarget] {
        let expectation = Expectation(self, settings: settings)
        return zip(instances, expectation.standings).compactMap { row, standing in
            guard standing == .live(.running), let address = row.address else { return nil }
            return AgentTarget(key: row.key, address: address)
        }
    }
}

extension AgentTarget {
    /// Whether the guest's interfaces can be held against it: only IPv4 addresses are read of those.
    var isComparable: Bool { DNSName.ipv4(address) != nil }
}

extension Facts {
    /// Those that were silent in the first look.
    func silentAgents(_ targets: [AgentTarget]) -> [AgentTarget] {
        let silent = agents.latest.value?.silent ?? []
        return targets.filter { silent.contains($0.key) }
    }
}
