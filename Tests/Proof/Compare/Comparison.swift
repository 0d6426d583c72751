package import Core
import TestSupport

/// Whole rounds of the real controller over dressed estates: equal things in different clothes are no drift.
package struct Comparison: Sendable {
    package static let servers = 50

    /// Fields held against what should be: each field of each server, once a round.
    package private(set) var fields = 0
    package private(set) var rounds = 0
    /// What was found although nothing differs, with the seed of its round.
    package private(set) var falseDrifts: [String] = []

    package init() {}

    /// Runs rounds from the seed on until so many fields were compared.
    package mutating func run(fields wanted: Int, seed: UInt64) {
        let first = fields
        var seed = seed
        while fields - first < wanted, falseDrifts.count < 20 {
            compare(seed: seed)
            seed += 1
        }
    }

    private mutating func compare(seed: UInt64) {
        rounds += 1
        fields += Comparison.servers * ComparedField.allCases.count
        do {
            let report = try Comparison.report(DressedEstate(servers: Comparison.servers, seed: seed))
            for decision in report.decisions {
                falseDrifts.append(
                    "seed \(seed): \(decision.drift.kind.rawValue) \(decision.drift.subject.vmid?.number ?? 0): "
                        + "\(decision.drift.desired) / \(decision.drift.observed)")
            }
            for fact in report.unknown {
                falseDrifts.append("seed \(seed): \(fact.plane.rawValue) unknown: \(fact.reason.rawValue)")
            }
            if !report.isComplete { falseDrifts.append("seed \(seed): the report is not complete") }
        } catch {
            falseDrifts.append("seed \(seed): an answer was refused: \(error)")
        }
    }

    /// The control: what is found when one field of one server really differs.
    package static func found(spoiling field: ComparedField, seed: UInt64) throws -> Set<DriftKind> {
        let vmid = 5001 + Int(seed % UInt64(servers))
        let estate = DressedEstate(servers: servers, seed: seed, spoilt: (field, vmid))
        let report = try report(estate)
        return Set(report.decisions.map(\.drift).filter { $0.subject.vmid == VMID(vmid) }.map(\.kind))
    }

    private struct NoReport: Error {}

    private static func report(_ estate: DressedEstate) throws -> Report {
        var estate = estate
        var controller = Controller(settings: estate.settings, policies: Fleet(0).policies)
        var effects = controller.handle(.operatorAsked(.audit), at: Fleet.now)
        while !effects.isEmpty {
            switch effects.removeFirst() {
            case .tell(.report(let report)): return report
            case .tell(.desiredUnreadable): throw NoReport()
            case .wake(.roundDeadline, _), .wake(.lookDeadline, _), .giveWay, .recall, .journal, .repair, .redeem: break
            case .wake(let wake, let moment): effects += controller.handle(.woke(wake), at: moment)
            case .observe(let look):
                let content: Observation.Content =
                    switch look.plane {
                    case .database: .desired(.success(estate.desired()))
                    case .proxmox:
                        .proxmox(.success(try estate.proxmox(suspects: look.suspects, addressesOf: look.addressesOf)))
                    case .publicDNS: .publicZone(.success(try estate.publicZone()))
                    case .internalDNS: .internalZone(.success(try estate.internalZone()))
                    case .agents: .agents(.success(estate.agents(look.agents)))
                    case .velocity: .velocity(.success(try estate.velocity()))
                    case .queues: .queues(.success(estate.queues(look.jobs)))
                    }
                effects += controller.handle(.observed(Observation(look: look.number, content: content)), at: Fleet.now)
            }
        }
        throw NoReport()
    }
}
