import Core

extension EstateDraft {
    static let queueNames = ["provisioning", "repair", "billing_enforcement"]

    /// Gives each live operation the job that works on it, in a house with three queues.
    mutating func addQueues() {
        estate.settings.queues = true
        estate.queueHouse = QueueHouse(
            runID: seed.hex(40), queues: EstateDraft.queueNames.map { QueueHouse.Queue(name: $0) })
        for operation in estate.operations where operation.isLive {
            estate.queueHouse.change(operation.queue) { queue in
                let isActive = operation.status == .running
                queue.jobs.append(
                    QueueHouse.Job(
                        id: operation.jobID ?? operation.id, place: isActive ? .active : .wait,
                        createdAt: isActive ? operation.enqueuedAt : estate.drawnAt - .minutes(1),
                        processedOn: isActive ? operation.startedAt : nil, lock: isActive ? .seconds(25) : nil))
            }
        }
    }

    /// Its worker died: heartbeat and lease have run out, and its queue has lost the job.
    mutating func plantStale(operation id: String, heldBy: Reason? = nil, _ sentence: String) {
        guard let index = estate.operations.firstIndex(where: { $0.id == id }),
            let vmid = estate.operations[index].vmid
        else { return }
        let now = estate.drawnAt
        estate.operations[index].enqueuedAt = now - .minutes(42)
        estate.operations[index].startedAt = now - .minutes(42)
        estate.operations[index].heartbeatAt = now - .minutes(40)
        estate.operations[index].leaseExpiresAt = now - .minutes(35)
        estate.queueHouse.remove(estate.operations[index].job)
        plant(Int(vmid.number), .operationStale, heldBy: heldBy, sentence)
    }

    /// A create that never began: its job was lost before a worker took it.
    mutating func plantStuck(operation id: String, _ sentence: String) {
        guard let index = estate.operations.firstIndex(where: { $0.id == id }),
            let vmid = estate.operations[index].vmid
        else { return }
        estate.operations[index].status = .queued
        estate.operations[index].enqueuedAt = estate.drawnAt - .minutes(30)
        estate.operations[index].phase = nil
        estate.operations[index].startedAt = nil
        estate.operations[index].heartbeatAt = nil
        estate.operations[index].leaseExpiresAt = nil
        estate.queueHouse.remove(estate.operations[index].job)
        plant(Int(vmid.number), .operationStuck, sentence)
    }

    /// Old, and still there: a job that waits is late, never dead.
    mutating func plantBacklog(in queue: String, _ sentence: String) {
        let job = QueueHouse.Job(id: "late-\(queue)", place: .wait, createdAt: estate.drawnAt - .minutes(50))
        estate.queueHouse.change(queue) { $0.jobs.insert(job, at: 0) }
        estate.story.append(Planted(vmid: nil, kind: .queueBacklog, queue: queue, sentence: sentence))
    }
}

extension EstateDraft {
    /// Some of the live operations lost their worker, and some creates never got one.
    mutating func plantRandomDeadOperations() {
        for operation in estate.operations where operation.isLive && seed.chance(percent: 40) {
            guard let vmid = operation.vmid, estate.operations.filter({ $0.vmid == vmid }).count == 1 else { continue }
            if operation.kind == .create, estate.guest(vmid) == nil {
                plantStuck(operation: operation.id, "Its job was lost before a worker took it.")
            } else {
                plantStale(operation: operation.id, "Its worker died and left the row behind.")
            }
        }
        if seed.chance(percent: 20), let name = seed.pick(EstateDraft.queueNames) {
            plantBacklog(in: name, "Its workers are busy with something else.")
        }
    }
}
