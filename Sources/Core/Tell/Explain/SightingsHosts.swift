/// What the agent and the queues showed of one VMID.
extension Sightings {
    var agents: [Sight] {
        if rows.isEmpty { return [Sight(.agents, .notAsked, "agent", found: "no row says where it would be")] }
        return rows.map(agent)
    }

    private func agent(_ row: DesiredInstance, _ standing: Standing) -> Sight {
        guard standing == .live(.running) else {
            return Sight(.agents, .notAsked, "agent", found: Words.expected(standing))
        }
        guard let address = row.address else {
            return Sight(.agents, .notAsked, "agent", found: "the row has no address")
        }
        let (what, wanted) = ("agent at \(address)", "it answers, and its workload is ready")
        switch decide.facts.agent(of: row, in: decide.expectation) {
        case nil: return Sight(.agents, what, wanted, unknown: .notRead)
        case .unknown(let reason)?: return Sight(.agents, what, wanted, unknown: reason)
        // Nothing of what another one says is this server's.
        case .present? where decide.isAnotherAgent(of: row):
            return Sight(.agents, what, wanted, unknown: .addressUnknown)
        case .present(let status, let evidence)?:
            return Sight(.agents, .present, what, wanted, found: Words.agent(status), evidence: evidence)
        case .absent(let evidence)?:
            var word = Unknown.timeout
            if case .failed(let reason)? = decide.facts.agents.latest.value?.poll(of: row)?.answer { word = reason }
            return Sight(.agents, .absent, what, wanted, found: Words.unknown(word), evidence: evidence)
        }
    }

    /// The jobs of the operations that the database calls live.
    var jobs: [Sight] {
        let live = decide.expectation.desired.operations.filter { $0.isLive && $0.vmid == vmid }
        if live.isEmpty {
            return [Sight(.queues, .notAsked, "jobs", found: "no operation on it is queued or running")]
        }
        return live.sorted { ($0.enqueuedAt, $0.id) < ($1.enqueuedAt, $1.id) }.map(job)
    }

    private func job(_ operation: DesiredOperation) -> Sight {
        let job = operation.job
        let what = "job '\(job.id)' in queue '\(job.queue)'"
        let wanted = "a worker has it, or it waits for one: \(operation.kind.rawValue) is \(operation.status.rawValue)"
        switch decide.facts.job(job) {
        case .unknown(let reason): return Sight(.queues, what, wanted, unknown: reason)
        case .absent(let evidence):
            return Sight(.queues, .absent, what, wanted, found: "in no list of the queue", evidence: evidence)
        case .present(let places, let evidence):
            var queue: QueueReading.Queue?
            if case .known(let known)? = decide.facts.queues.latest.value?.states[job.queue] { queue = known }
            let words = Words.job(
                places, queue?.running.first { $0.id == job.id },
                workers: queue?.hasNamelessWorker == true ? nil : queue?.workers, at: decide.now)
            return Sight(.queues, .present, what, wanted, found: words, evidence: evidence)
        }
    }
}
