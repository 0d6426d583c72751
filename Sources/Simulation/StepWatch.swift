import Core

/// Watches every step of a round: what may never be asked for, whatever happens.
struct StepWatch {
    let startedAt: Timestamp
    private(set) var steps = 0
    private(set) var violations: [String] = []
    private var asked: Set<Look> = []
    private var firstLookAt: [Plane: Timestamp] = [:]
    private var hasTold = false

    init(startedAt: Timestamp) { self.startedAt = startedAt }

    mutating func step(_ effects: [Effect], at now: Timestamp) {
        steps += 1
        for effect in effects {
            if hasTold { violations.append("an effect after the round was over: \(effect)") }
            switch effect {
            case .tell:
                hasTold = true
                // A late wake-up may cost half a second; an audit ends within a minute.
                if now - startedAt > .seconds(60) { violations.append("the round took \(now - startedAt)") }
            case .wake(_, let moment):
                if moment < now { violations.append("a wake-up in the past") }
            case .giveWay, .recall, .journal, .repair, .redeem:
                violations.append("an audit wants to write: \(effect)")
            case .observe(let look):
                var bare = look
                bare.place = nil
                bare.suspects = []
                bare.addressesOf = []
                bare.tasksOf = []
                bare.agentsOver = .seconds(0)
                bare.agents = []
                bare.jobs = []
                if !asked.insert(bare).inserted {
                    violations.append("\(look.plane) was looked at twice in look \(look.number)")
                }
                if look.number == 1 {
                    firstLookAt[look.plane] = now
                } else if let first = firstLookAt[look.plane], now - first < Round.secondLookAfter {
                    violations.append("the second look at \(look.plane) came after \(now - first)")
                } else if firstLookAt[look.plane] == nil {
                    violations.append("a second look at \(look.plane) without a first")
                }
                if look.number == 2 && look.plane == .proxmox && look.place == nil {
                    violations.append("the second look at Proxmox may go to another place")
                }
            }
        }
    }
}
