import Core
import World

/// What happens around the daemons while things go wrong.
extension DaemonSimulation {
    mutating func happen() {
        if hasEdge, chance.chance(percent: 5) {
            if let what = EdgeMischief.happen(to: &estate, &chance, at: now) { note(what) }
        }
        // A change of the edge takes more steps: as much would happen to it otherwise that none ever ended.
        switch chance.below(hasEdge ? 400 : 100) {
        case 0, 7, 8, 9: passOn()
        case 1, 2:
            let until = now + .seconds(Int64(5 + chance.below(300)))
            let vmid = chance.chance(percent: 50) ? chance.pick(estate.operations)?.vmid : nil
            ledger.pauses.append(Pause(vmid: vmid, since: now, until: until, why: "w", by: "b"))
            note("paused \(vmid?.description ?? "all") until \(until)")
        case 3, 4: workerDies()
        case 5: retried()
        case 6:
            let index = chance.below(daemons.count)
            daemons[index].busyUntil = now + .seconds(Int64(1 + chance.below(150)))
            note("\(index) stands still")
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
        for index in daemons.indices where daemons[index].isDead && chance.chance(percent: 5) { restart(index) }
        person.moves(&estate.operations)
    }

    /// Nothing goes wrong from now on: whoever died is there again, and one of them leads.
    mutating func calmDown() {
        guard !isCalmedDown else { return }
        isCalmedDown = true
        for index in daemons.indices where daemons[index].isDead { restart(index) }
    }

    mutating func restart(_ index: Int) {
        note("\(index) is started again")
        daemons[index] = SimulatedDaemon(
            number: index, mode: mode, settings: estate.settings, policies: policies, at: now)
        if ledger.holder == index { lead(index) }
    }

    /// The other one takes the row. The one that had it may hear of it at once, late, or only by being refused.
    mutating func passOn() {
        let index = 1 - max(0, ledger.holder)
        let old = 1 - index
        guard !daemons[index].isDead else { return }
        // Its lease ends before the new one may act, whatever it has heard of it.
        daemons[old].leaveUntil = now + .seconds(Int64(chance.below(8)))
        lead(index)
        if chance.chance(percent: 60) { daemons[old].hear(.none(why: "another controller leads"), at: now) }
    }

    mutating func lead(_ index: Int) {
        let epoch = ledger.take(by: index)
        counts.takeovers += 1
        note("\(index) leads with epoch \(epoch)")
        daemons[index].leaveUntil = nil
        daemons[index].hear(.waiting(epoch: epoch), at: now)
        daemons[index].actsFrom = (now + .seconds(8), epoch)
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
            $0.jobs.append(
                QueueHouse.Job(
                    id: operation.job.id, place: .active, createdAt: now, processedOn: now, lock: .seconds(30)))
        }
        note("\(operation.id) is worked on again")
    }
}
