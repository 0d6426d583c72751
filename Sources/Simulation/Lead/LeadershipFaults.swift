import Core
import World

extension LeadershipRun {
    mutating func planFaults() {
        let ttl = Int(times.ttl.microseconds)
        for _ in 0..<weather.strokes {
            let at = Int64(chance.below(Int(faultsEnd)))
            let later = min(faultsEnd - 1, at + Int64(chance.below(ttl * 3)))
            let name = chance.below(nodes.count)
            var pair: (LeadFault, LeadFault?)
            switch chance.below(12) {
            case 0: pair = (.wipeRedis, nil)
            case 7: pair = (.cutOff(name, true), .cutOff(name, false))
            case 10: pair = (.cutOffRedis(name, true), .cutOffRedis(name, false))
            case 8, 9: pair = (.wipeRedis, nil)
            // A Redis without a disk comes back empty.
            case 1: pair = (.redisDown, .redisUp)
            case 2: pair = (.databaseDown, .databaseUp)
            case 3: pair = (.crash(name), .start(name))
            case 4: pair = (.stop(name), .start(name))
            case 5: pair = (.foreignKey(expires: nil), .foreignKeyGone)
            case 6: pair = (.foreignKey(expires: at + Int64(chance.below(ttl * 2))), nil)
            default:
                pair =
                    weather.clocksAreWrong
                    ? (.clock(name, halves: [1, 4][chance.below(2)]), .clock(name, halves: 2)) : (.wipeRedis, nil)
            }
            agenda.add(.fault(pair.0), at: at)
            if let end = pair.1 { agenda.add(.fault(end), at: later) }
        }
        if isApartAtTimes {
            for _ in 0..<4 {
                let (at, name) = (Int64(chance.below(Int(faultsEnd))), chance.below(nodes.count))
                agenda.add(.fault(.redis(name, 1)), at: at)
                agenda.add(.fault(.redis(name, 0)), at: at + Int64(chance.below(ttl * 6)))
            }
        }
        if weather.clocksAreWrong {
            for name in nodes.indices { nodes[name].setClock(halves: [1, 2, 4][chance.below(3)], at: 0) }
        }
    }

    mutating func strike(_ fault: LeadFault) {
        note("\(fault)")
        switch fault {
        case .wipeRedis:
            stores.key = nil
            counts.wipes += 1
        case .redisDown: stores.isRedisUp = false
        case .redisUp:
            stores.isRedisUp = true
            stores.key = nil
            counts.wipes += 1
        case .databaseDown: stores.isDatabaseUp = false
        case .databaseUp: stores.isDatabaseUp = true
        case .crash(let name):
            if nodes[name].isUp { counts.crashes += 1 }
            nodes[name].crash()
            hasNews = true
        case .start(let name): if !nodes[name].isUp { start(name) }
        case .stop(let name):
            guard nodes[name].isUp else { break }
            if isHosted {
                (nodes[name].isAskedToStop, hasNews) = (true, true)
            } else {
                plan(.handle(.stopAsked), name, after: 0)
            }
        case .cutOff(let name, let isCutOff): nodes[name].isCutOff = isCutOff
        case .cutOffRedis(let name, let isCutOff): nodes[name].isCutOffRedis = isCutOff
        case .redis(let name, let number): nodes[name].redis = number
        case .clock(let name, let halves): nodes[name].setClock(halves: halves, at: now)
        case .foreignKey(let expires): stores.key = ("repair-worker-1", expires)
        case .foreignKeyGone: if stores.key?.value == "repair-worker-1" { stores.key = nil }
        }
    }

    mutating func ended(_ name: Int) {
        counts.cleanStops += 1
        hasNews = true
        if isHosted { return agenda.add(.fault(.start(name)), at: now + Int64(chance.below(30_000_000))) }
        // A stop that was asked for among the faults may come to its end after them.
        if isCalm, name != stopping { start(name) }
    }

    // MARK: Without faults

    /// Once faults stop, one leads within the TTL and a second, acts `actDeadline` later, and goes on; a successor of a clean
    /// stop acts within a second, one of a crash as after the faults.
    mutating func recover() {
        calm()
        let leading = now + times.ttl.microseconds + 1_000_000
        advance(to: leading)
        guard let first = leader("once faults had stopped", mayWait: true) else { return }
        advance(to: leading + times.actDeadline.microseconds)
        guard leader("acts once faults had stopped", mayWait: false) == first else {
            return violate("who led after the faults did not go on to act")
        }
        let epoch = stores.row.epoch
        advance(to: now + times.ttl.microseconds * 4)
        if leader("four TTLs later", mayWait: false) != first || stores.row.epoch != epoch {
            return violate("leadership changed without a fault")
        }
        // A clean stop: its acts may take their whole deadline to end.
        stopping = first
        plan(.handle(.stopAsked), first, after: 0)
        let latest = now + times.actDeadline.microseconds + times.callTimeout.microseconds + 1_000_000
        while nodes[first].isUp, now < latest { advance(to: now + 1000) }
        if nodes[first].isUp { return violate("\(first) did not stop in time") }
        advance(to: now + 1_000_000)
        guard let second = leader("a second after a clean stop", mayWait: false) else { return }
        start(first)
        advance(to: now + times.ttl.microseconds)
        note("\(second) crashes")
        nodes[second].crash()
        let after = now + times.ttl.microseconds + 1_000_000
        advance(to: after)
        guard let third = leader("after a crash", mayWait: true) else { return }
        advance(to: after + times.actDeadline.microseconds)
        guard leader("acts after a crash", mayWait: false) == third else {
            return violate("\(third) did not go on to act")
        }
        // Whoever cannot reach the database leaves the lock to those who can.
        start(second)
        advance(to: now + times.ttl.microseconds)
        note("\(third) is cut off from the database")
        nodes[third].isCutOff = true
        advance(to: now + times.ttl.microseconds + 1_000_000)
        guard let fourth = leader("after one was cut off", mayWait: true) else { return }
        if fourth == third { violate("\(third) is cut off from the database and leads") }
    }

    mutating func calm() {
        note("the faults are over")
        stores.isRedisUp = true
        stores.isDatabaseUp = true
        if stores.key?.value == "repair-worker-1" { stores.key = nil }
        for name in nodes.indices {
            if nodes[name].halves != 2 { nodes[name].setClock(halves: 2, at: now) }
            nodes[name].isCutOff = false
            nodes[name].isCutOffRedis = false
            nodes[name].redis = 0
            nodes[name].frozenUntil = min(nodes[name].frozenUntil, now)
            thaw(name)
            if !nodes[name].isUp { start(name) }
        }
    }

    /// The only one that leads, by the row and by its own account.
    private mutating func leader(_ when: String, mayWait: Bool) -> Int? {
        var leaders: [Int] = []
        for node in nodes where node.isUp {
            switch node.leadership.standing(at: node.local(now)) {
            case .leading(let epoch, _) where epoch == stores.row.epoch: leaders.append(node.name)
            case .waiting(let epoch, _) where mayWait && epoch == stores.row.epoch: leaders.append(node.name)
            case .leading, .waiting: leaders.append(-1)
            default: break
            }
        }
        guard leaders.count == 1, let name = leaders.first, name >= 0 else {
            violate("\(when), not exactly one leads: \(leaders)")
            return nil
        }
        if !mayWait, nodes[name].leadership.actLimit(at: nodes[name].local(now)) == nil {
            violate("\(when), \(name) leads and may not act")
        }
        return name
    }
}
