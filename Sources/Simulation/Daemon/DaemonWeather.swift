import Core
import World

/// What happens around the daemons while things go wrong.
extension DaemonSimulation {
    mutating func happen() {
        if hasEdge, chance.chance(percent: 6) {
            if let what = EdgeMischief.happen(to: &estate, &chance, at: now) { note(what) }
        }
        // A change of the edge takes more steps: as much would happen to it otherwise that none ever ended.
        if chance.chance(percent: 2),
            let what = queueTruth.come(back: chance.chance(percent: 50), &estate.queueHouse, at: now)
        {
            note(what)
        }
        switch chance.below(hasEdge ? 400 : 100) {
        case 1, 2:
            let until = now + .seconds(Int64(5 + chance.below(300)))
            let vmid = chance.chance(percent: 50) ? chance.pick(estate.operations)?.vmid : nil
            ledger.pauses.append(Pause(vmid: vmid, since: now, until: until, why: "w", by: "b"))
            note("paused \(vmid?.description ?? "all") until \(until)")
        case 3, 4: workerDies()
        case 5: retried()
        case 10:
            guard let row = chance.pick(estate.instances) else { break }
            let lock = chance.pick(["backup", "snapshot", nil])
            note("lock \(lock.flatMap { $0 } ?? "none") on \(row.vmid)")
            lasting.lock(row.vmid, lock ?? nil, in: &estate, at: now)
        case 11:
            note("workers come or leave")
            lasting.turnWorkers(in: &estate, at: now)
        default: break
        }
        person.moves(&estate.operations)
        if let what = clocks.stir() { note(what) }
    }

    mutating func workerDies() {
        guard let index = estate.operations.indices.filter({ estate.operations[$0].isLive }).first else { return }
        let operation = estate.operations[index]
        estate.operations[index].heartbeatAt = now - .minutes(11)
        estate.operations[index].leaseExpiresAt = now - .minutes(10)
        estate.queueHouse.remove(operation.job)
        note("the worker of \(operation.id) died")
    }

    /// Somebody puts an operation to work again: the row says so, too.
    mutating func retried() {
        guard let index = estate.operations.indices.filter({ estate.operations[$0].isLive }).last else { return }
        estate.operations[index].attempts += 1
        estate.operations[index].heartbeatAt = now
        estate.operations[index].leaseExpiresAt = now + .minutes(2)
        let operation = estate.operations[index]
        guard !estate.queueHouse.has(operation.job) else { return }
        estate.queueHouse.change(operation.queue) {
            $0.hasKeys = true
            $0.jobs.append(
                QueueHouse.Job(
                    id: operation.job.id, place: .active, createdAt: now, processedOn: now, lock: .seconds(30)))
        }
        note("\(operation.id) is worked on again")
    }

    /// Somebody puts the job of an operation back into its queue: the row says nothing of it.
    mutating func requeued() {
        guard let operation = estate.operations.last(where: \.isLive), !estate.queueHouse.has(operation.job) else {
            return
        }
        estate.queueHouse.change(operation.queue) {
            $0.hasKeys = true
            $0.jobs.append(QueueHouse.Job(id: operation.job.id, place: .wait, createdAt: now))
        }
        queueTruth.putBack()
        note("the job of \(operation.id) is back")
    }
}
