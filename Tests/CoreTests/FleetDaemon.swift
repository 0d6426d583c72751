import Core
import TestSupport

/// A daemon in virtual time, whose journal and ledger answer at once.
struct FleetDaemon {
    var fleet: Fleet
    var controller: Controller
    var now = Fleet.now
    var reports: [Report] = []
    /// What the rounds without desired state saw.
    var outages: [[Coverage]] = []
    var journal: [JournalEntry] = []
    var intents: [Intent] = []
    var wakes: [Timestamp] = []
    /// What the last round looked at.
    var looks: [Look] = []
    var recalls: [Int64] = []
    var memory: Memory? = Memory()
    var journalWorks = true
    var ending: (Intent) -> RepairOutcome = { _ in .verified }
    /// What changes before each repair.
    var changeBeforeRepairs: Changed?
    var putOff: [Intent] = []

    init(_ fleet: Fleet, mode: Duty.Mode = .repair, kinds: [String] = ["*"], vmids: [ClosedRange<Int>]? = nil) {
        self.fleet = fleet
        controller = fleet.daemon(mode, kinds: kinds, vmids: vmids)
    }

    mutating func lead(_ epoch: Int64 = 1) { handle(.tenure(.acting(epoch: epoch))) }

    /// One round, a minute after the last one.
    mutating func round() {
        let begun = now
        looks = []
        handle(.woke(.cycle))
        now = max(now, begun + .seconds(60))
    }

    /// Rounds over so many minutes.
    mutating func watch(minutes: Int) { for _ in 0..<minutes { round() } }

    /// How often the last round read the inventory of Proxmox.
    var inventories: Int { looks.count { $0.plane == .proxmox } }

    /// The kinds that the last round found.
    var found: [DriftKind] { reports.last?.decisions.map(\.drift.kind) ?? [] }

    mutating func handle(_ event: Event) { carryOut(controller.handle(event, at: now)) }

    mutating func carryOut(_ effects: [Effect]) {
        var queue = effects
        while !queue.isEmpty {
            let effect = queue.removeFirst()
            switch effect {
            case .observe(let look):
                looks.append(look)
                queue += controller.handle(.observed(fleet.observation(look, at: now)), at: now)
            case .wake(.secondLook, let moment):
                now = max(now, moment)
                queue += controller.handle(.woke(.secondLook), at: now)
            case .wake(.cycle, let moment): wakes.append(moment)
            case .wake: break
            case .tell(.report(let report)): reports.append(report)
            case .tell(.desiredUnreadable(_, let seen)): outages.append(seen)
            case .giveWay: break
            case .recall(let epoch):
                recalls.append(epoch)
                queue += controller.handle(.recalled(memory), at: now)
            case .journal(let entries, _, _, let intents):
                if journalWorks { journal += entries }
                queue += controller.handle(.journaled(journalWorks, then: intents), at: now)
            case .redeem: queue += controller.handle(.redeemed(false), at: now)
            case .repair(let intent):
                if let changed = changeBeforeRepairs {
                    queue += controller.handle(.desiredChanged(changed), at: now)
                    if controller.putsOff(intent, own: Set(intents.compactMap(\.drift.vmid))), !intents.isEmpty {
                        putOff.append(intent)
                        queue += controller.handle(.postponed(intent), at: now)
                        continue
                    }
                }
                intents.append(intent)
                queue += controller.handle(.repaired(intent, ending(intent)), at: now)
            }
        }
    }
}

extension Fleet {
    /// A daemon's controller for it, a round a minute.
    func daemon(_ mode: Duty.Mode, kinds: [String], vmids: [ClosedRange<Int>]? = nil) -> Controller {
        Controller(settings: settings, policies: policies, duty: Fleet.duty(mode, kinds: kinds, vmids: vmids))
    }

    static func duty(
        _ mode: Duty.Mode = .repair, kinds: [String] = ["*"], vmids: [ClosedRange<Int>]? = nil
    ) -> Duty {
        Duty(mode: mode, kinds: kinds.map { KindPattern($0) }, vmids: vmids, cycle: .seconds(60))
    }
}
