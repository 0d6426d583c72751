import Core
import World

/// Each daemon lives and dies with its node of the leadership simulation, which has the lock, the row, the clocks and the
/// weather of both.
extension DaemonSimulation {
    /// Lets leadership run up to `moment`, or to the first news of it.
    ///
    /// - Returns: whether there was news, after which others may be due first.
    mutating func advanceLead(to moment: Timestamp) -> Bool {
        if isSettled {
            now = max(now, moment)
            return false
        }
        lead.advance(toNewsBefore: (moment - started).microseconds)
        now = max(now, begin(at: lead.now))
        if let told = queueTruth.follow(lead, &estate.queueHouse, at: now) { note(told) }
        guard lead.hasNews else { return false }
        for index in daemons.indices { follow(index) }
        return true
    }

    private mutating func follow(_ index: Int) {
        let node = lead.nodes[index]
        if node.isUp, node.life != daemons[index].life {
            note("\(index) is started")
            daemons[index] = SimulatedDaemon(
                number: index, life: node.life, mode: mode, settings: estate.settings, policies: policies,
                clocks: machineClocks(index), at: now)
        } else if !node.isUp, !daemons[index].isDead {
            note("\(index) is gone")
            daemons[index].die()
        }
        guard node.isUp else { return }
        if node.isAskedToStop { daemons[index].isStopping = true }
        for standing in node.standings {
            let tenure = Tenure(standing)
            if tenure == daemons[index].told { continue }
            daemons[index].told = tenure
            // Whoever does not come to hear each standing hears the newest.
            if !daemons[index].tenures.isEmpty, !isCalm, chance.chance(percent: 30) {
                daemons[index].tenures.removeLast()
            }
            daemons[index].tenures.append(tenure)
        }
        lead.nodes[index].standings = []
    }

    /// Nothing runs in a process that stands still.
    func ready(_ index: Int) -> Timestamp? {
        daemons[index].nextAt.map { max($0, now, begin(at: lead.nodes[index].frozenUntil)) }
    }

    /// Nothing goes wrong from now on: whoever died is there again, and one of them leads.
    mutating func calmDown() {
        guard !isCalmedDown, isCalm else { return }
        isCalmedDown = true
        lead.calm()
        if let told = queueTruth.come(back: chance.chance(percent: 50), &estate.queueHouse, at: now) { note(told) }
        for index in daemons.indices { follow(index) }
        // What a frozen process held in its hands leaves it now.
        for place in sending.indices { sending[place].arrivesAt = min(sending[place].arrivesAt, now) }
    }

    /// Without faults leadership goes on as it is, which `--leadership` tries; here its clock may stand still then.
    mutating func settle() {
        guard script == nil, isCalm, !isSettled, now > calmAt + .seconds(60) else { return }
        guard lead.acting != nil else {
            isSettled = true
            violations.append("a minute after all faults nobody leads")
            return
        }
        isSettled = daemons.allSatisfy { $0.tenures.isEmpty && $0.awaits == nil } && sending.isEmpty
    }
}

extension LeadershipRun {
    func isFrozen(_ name: Int) -> Bool { nodes[name].frozenUntil > now }

    /// The epoch that ended this one.
    func next(after epoch: Int64) -> (at: Int64, afterClosed: Bool)? {
        stores.taken.filter { $0.key > epoch }.min { $0.key < $1.key }?.value
    }

    func reachesDatabase(_ name: Int) -> Bool { stores.isDatabaseUp && !nodes[name].isCutOff }

    /// How long, in microseconds, until a leave ends.
    func left(_ act: Int) -> Int64? {
        acts[act].map { nodes[$0.node].real($0.permit.until - nodes[$0.node].local(now)) }
    }
}
