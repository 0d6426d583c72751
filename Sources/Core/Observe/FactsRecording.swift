/// How an answer becomes a fact: judged, and beside what an earlier look saw.
extension Facts {
    /// Takes in what a look at a plane brought.
    mutating func record(_ content: Observation.Content, look: Int, settings: PipelineSettings) {
        switch content {
        case .desired: break
        case .proxmox(let result):
            inventory.add(
                result.judged { reading in settings.proxmox.map { Inventory.judge(reading, expecting: $0) } }, look)
        case .queues(let result): queues.add(result.judged { Queues.judge($0) }, look)
        case .publicZone(let result):
            publicZone.add(
                result.judged { reading in settings.zone.map { Zone.judge(reading, zone: $0, plane: .publicDNS) } },
                look)
        case .internalZone(let result):
            internalZone.add(
                result.judged { reading in
                    settings.zone.map { Zone.judge(reading, zone: $0, isOurs: settings.ownsInternal) }
                }, look)
        case .agents(let result):
            let first = look == 1 ? nil : agents.latest.value
            agents.add(
                result.judged { reading in first.map { Agents.judge(reading, after: $0) } ?? Agents.judge(reading) },
                look)
        case .velocity(let result): proxy.add(result.judged { ProxyList.judge($0) }, look)
        }
    }

    /// Takes in that a look at a plane came to nothing.
    mutating func record(_ failure: ReadFailure, at plane: Plane, look: Int) {
        switch plane {
        case .proxmox: inventory.add(PlaneFact(failure: failure), look)
        case .publicDNS: publicZone.add(PlaneFact(failure: failure), look)
        case .internalDNS: internalZone.add(PlaneFact(failure: failure), look)
        case .agents: agents.add(PlaneFact(failure: failure), look)
        case .velocity: proxy.add(PlaneFact(failure: failure), look)
        case .queues: queues.add(PlaneFact(failure: failure), look)
        case .database: break
        }
    }

    /// Takes a plane for failed whose second look came to nothing: its first one was held against other rows than there are now.
    mutating func forgetUnconfirmed(_ planes: [Plane]) {
        for plane in planes {
            let failure: ReadFailure? =
                switch plane {
                case .proxmox: inventory.unconfirmed
                case .publicDNS: publicZone.unconfirmed
                case .internalDNS: internalZone.unconfirmed
                case .velocity: proxy.unconfirmed
                case .agents, .queues, .database: nil
                }
            if let failure { record(failure, at: plane, look: 1) }
        }
    }

    /// Where a plane was read, for a second look at the same place.
    func place(of plane: Plane) -> String? {
        switch plane {
        case .proxmox: inventory.latest.value?.endpoint
        case .publicDNS: publicZone.latest.value?.endpoint
        case .internalDNS: internalZone.latest.value?.endpoint
        case .velocity: proxy.latest.value?.endpoint
        case .queues: queues.latest.value?.endpoint
        case .database, .agents: nil
        }
    }
}

extension Looks {
    mutating func add(_ fact: PlaneFact<Value>, _ look: Int) {
        if look == 1 { self = Looks(fact) } else { add(second: fact) }
    }
}

extension Result where Failure == ReadFailure {
    package func judged<Value>(_ judge: (Success) -> PlaneFact<Value>?) -> PlaneFact<Value> {
        switch self {
        case .failure(let failure): PlaneFact(failure: failure)
        case .success(let reading): judge(reading) ?? .notConfigured
        }
    }
}
