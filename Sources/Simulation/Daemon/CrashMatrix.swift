package import Core
import World

/// Every I/O of every change of the edge and of both repairs of operations × every fate × a second death in the recovery, and everything that can happen to the
/// server between two of them: each a run of its own to the end, where the edge is right or nothing of ours is left, and the
/// operation is ended once or somebody works on it again.
package struct CrashMatrix {
    package enum Break: String, CaseIterable, Sendable {
        // The short ones first.
        case operationStale, operationStuck
        case publicServiceMissing, publicAddressWrong, publicAddressTwice, internalAddressMissing, internalServiceWrong
        case internalServiceTwice
        /// And another record is missing, so that something is done.
        case publicAddressForeign
        case backendMissing, backendElsewhere

        var isOfEdge: Bool { self != .operationStale && self != .operationStuck }

        /// What can happen to it in between.
        var interferences: [Script.Interference] {
            switch self {
            case .operationStale, .operationStuck: [.retried, .requeued, .suspended, .deleted]
            default:
                [
                    .suspended, .deleted, .readdressed, .reused, .succeeded, .undone, .adopted, .restored, .paused,
                ]
            }
        }
    }

    package struct Result: Sendable {
        package var runs = 0
        package var failures: [String] = []
    }

    private let policies: PolicySet
    /// Whether every pair is tried. Otherwise second deaths are of one sort, and soon after what went before.
    private let isWhole: Bool
    /// Whether the first failure is enough: one that never comes to rest takes two hours of virtual time in each run.
    private let stopsAtFirst: Bool

    package init(policies: PolicySet, isWhole: Bool = true, stopsAtFirst: Bool = false) {
        self.policies = policies
        self.isWhole = isWhole
        self.stopsAtFirst = stopsAtFirst
    }

    package func run(_ what: Break) -> Result {
        var result = Result()
        let plain = trial(what, Script(), &result)
        for step in 1...max(1, plain) {
            for fate in Script.Fate.allCases {
                let steps = trial(what, Script(fates: [step: fate]), &result)
                guard isWhole ? Script.Fate.deaths.contains(fate) : fate == .diedAfter, step < steps else { continue }
                for second in (step + 1)...steps {
                    for again in isWhole ? Script.Fate.deaths : [.diedAfter] {
                        _ = trial(what, Script(fates: [step: fate, second: again]), &result)
                    }
                }
            }
            for interference in what.interferences {
                let steps = trial(what, Script(interference: (step, interference)), &result)
                // And the process dies at any I/O after it.
                for second in step...max(step, isWhole ? steps : min(steps, step + 2)) {
                    _ = trial(what, Script(fates: [second: .diedAfter], interference: (step, interference)), &result)
                }
            }
            if what.isOfEdge {
                fallSilent(what, before: step, &result)
                lagBehind(what, before: step, &result)
                refuse(what, from: step, &result)
            }
        }
        return result
    }

    /// The services answer nobody for longer than an attempt waits for them, and the server changes meanwhile.
    private func fallSilent(_ what: Break, before step: Int, _ result: inout Result) {
        let silence = (before: step, lasts: Span.minutes(40))
        if isWhole { _ = trial(what, Script(silence: silence), &result) }
        for interference in isWhole ? what.interferences : [.suspended, .readdressed] {
            _ = trial(what, Script(interference: (step, interference), silence: silence), &result)
        }
    }

    /// What a change made does not show at once, or only when nobody waits for it any more; and the server changes, or the process
    /// dies meanwhile.
    private func lagBehind(_ what: Break, before step: Int, _ result: inout Result) {
        for lag in [Span.seconds(2), .seconds(30)] {
            _ = trial(what, Script(fates: [step: .diedAfter], lag: lag), &result)
            for interference in isWhole ? what.interferences : [.suspended] {
                _ = trial(what, Script(interference: (step, interference), lag: lag), &result)
            }
        }
    }

    /// Each change is refused for a while, also when the server changes meanwhile: what is to be taken back may be refused, too.
    private func refuse(_ what: Break, from step: Int, _ result: inout Result) {
        let refuses = step..<(step + 3)
        _ = trial(what, Script(refuses: refuses), &result)
        for interference in isWhole ? what.interferences : [.suspended, .restored] {
            for before in max(1, step - 2)...step {
                _ = trial(what, Script(interference: (before, interference), refuses: refuses), &result)
            }
        }
    }

    /// One run, to the end.
    ///
    /// - Returns: how many I/Os it had.
    private func trial(_ what: Break, _ script: Script, _ result: inout Result) -> Int {
        if stopsAtFirst, !result.failures.isEmpty { return 0 }
        var run = DaemonSimulation(CrashMatrix.estate(what), script: script, policies: policies)
        run.runToRest()
        result.runs += 1
        if !run.violations.isEmpty {
            let interference = script.interference.map { ", \($0.what) before \($0.before)" } ?? ""
            let fates = script.fates.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            let silence = script.silence.map { ", silent from \($0.before) on" } ?? ""
            let lag = script.lag.map { ", shown \($0) late" } ?? ""
            let refusal = script.refuses.map { ", refused during \($0)" } ?? ""
            result.failures.append(
                "\(what) \(fates)\(interference)\(silence)\(lag)\(refusal): \(run.violations.prefix(3))")
        }
        return run.script?.steps ?? 0
    }

    private static func estate(_ what: Break) -> Estate {
        var estate = Estate.oneServer()
        let host = "mc-paper-5001.\(estate.zone.name)"
        let service = "_minecraft._tcp.\(host)"
        func address(_ estate: Estate) -> ZoneRecord? { estate.zone.records(at: host).first { $0.type == "A" } }
        switch what {
        case .publicServiceMissing:
            for record in estate.zone.records(at: service) { estate.zone.remove(id: record.id) }
        case .publicAddressWrong:
            if var record = address(estate) {
                record.content = "192.0.2.66"
                estate.zone.replace(record)
            }
        case .publicAddressTwice:
            for (number, content) in ["198.51.100.7", "192.0.2.67"].enumerated() {
                guard var record = address(estate) else { continue }
                record.id = String(repeating: "\(number + 1)", count: 32)
                record.content = content
                estate.zone.add(record)
            }
        case .internalAddressMissing:
            estate.internalZone.remove { $0.name == host }
        case .internalServiceWrong:
            estate.internalZone.change(where: { $0.name == service }) {
                $0.data = .srv(SRV(priority: 0, weight: 0, port: 1, target: host))
            }
        case .internalServiceTwice:
            guard var record = estate.internalZone.records.first(where: { $0.name == service }) else { break }
            record.data = .srv(SRV(priority: 0, weight: 0, port: 1, target: host))
            estate.internalZone.add(record)
        case .publicAddressForeign:
            if var record = address(estate) {
                (record.content, record.comment) = ("192.0.2.66", "made by somebody else")
                estate.zone.replace(record)
            }
            estate.internalZone.remove { $0.name == host }
        case .backendMissing: estate.proxy.restart()
        case .backendElsewhere: estate.proxy.register("mc-paper-5001", "127.70.9.9")
        case .operationStale: estate.operations = [operation(.backup, 5001, .running, at: estate.drawnAt)]
        case .operationStuck: estate.operations = [operation(.create, 5002, .queued, at: estate.drawnAt)]
        }
        return estate
    }

    /// One whose job is in no queue: begun and left behind, or never begun.
    private static func operation(
        _ kind: DesiredOperation.Kind, _ vmid: Int, _ status: DesiredOperation.Status, at now: Timestamp
    ) -> DesiredOperation {
        let hasBegun = status == .running
        return DesiredOperation(
            id: "op-\(kind.rawValue)", idempotencyKey: nil, customer: "c-1", vmid: VMID(vmid), kind: kind,
            queue: "provisioning", jobID: nil, status: status, phase: hasBegun ? "archive" : nil, attempts: 1,
            enqueuedAt: now - .minutes(40), startedAt: hasBegun ? now - .minutes(39) : nil,
            heartbeatAt: hasBegun ? now - .minutes(30) : nil, leaseExpiresAt: hasBegun ? now - .minutes(20) : nil,
            finishedAt: nil)
    }
}
