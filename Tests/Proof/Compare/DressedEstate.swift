import Core
import Platform
import TestSupport
import World

/// An estate that is right in every point, written by each service in other clothes each time it is asked; with one field
/// spoilt where the proof has to show that it can fail.
struct DressedEstate {
    static let zone = "example.net"
    static let edge = "203.0.113.10"
    static let internalEdge = "10.0.0.5"

    let vmids: [Int]
    var wardrobe: Wardrobe
    var spoilt: (field: ComparedField, vmid: Int)?

    init(servers: Int, seed: UInt64, spoilt: (field: ComparedField, vmid: Int)? = nil) {
        vmids = Array(5001..<(5001 + servers))
        wardrobe = Wardrobe(seed)
        self.spoilt = spoilt
    }

    var settings: PipelineSettings {
        PipelineSettings(
            id: "t", scope: .defaults, proxmox: .init(cluster: "prod", canary: nil), zone: Self.zone,
            publicDNS: .init(edge: Self.edge, formerEdges: [], ttl: 60),
            internalDNS: .init(edge: Self.internalEdge, formerEdges: [], ttl: 60), agents: true, velocity: true,
            queues: true)
    }

    func name(_ vmid: Int) -> String { "mc-paper-\(vmid)" }
    func address(_ vmid: Int) -> String { "10.70.\(vmid / 250).\(vmid % 250)" }
    func isSpoilt(_ field: ComparedField, _ vmid: Int) -> Bool {
        spoilt?.field == field && spoilt?.vmid == vmid
    }

    // MARK: What should be

    mutating func desired() -> DesiredState {
        var rows: [DesiredInstance] = []
        var operations: [DesiredOperation] = []
        for vmid in vmids {
            guard let number = VMID(vmid) else { continue }
            rows.append(
                DesiredInstance(
                    key: InstanceKey(vmid: number, externalID: ExternalID(high: 1, low: UInt64(vmid))),
                    customer: "c\(vmid)", ctype: .game, hostname: wardrobe.cased(name(vmid)),
                    node: wardrobe.cased("n1"), address: address(vmid), game: "minecraft", variant: "paper",
                    port: wardrobe.dice.one(of: [nil, 25565]), power: .running, status: .active))
            let old = Fleet.now - .minutes(60)
            operations.append(
                DesiredOperation(
                    id: "op-\(vmid)", idempotencyKey: nil, customer: nil, vmid: number, kind: .backup,
                    queue: "provisioning", jobID: wardrobe.dice.one(of: [nil, "op-\(vmid)"]), status: .running,
                    phase: "archive", attempts: 0, enqueuedAt: old, startedAt: old, heartbeatAt: old,
                    leaseExpiresAt: old, finishedAt: nil))
        }
        return DesiredState(
            instances: rows.shuffled(using: &wardrobe.dice), operations: operations.shuffled(using: &wardrobe.dice),
            billing: [], retired: [], unreadable: [], pauses: [], accepted: [], readAt: Fleet.now)
    }

    // MARK: The queues, whose answers have no text form

    mutating func queues(_ asked: [JobReference]) -> QueueReading {
        var jobs: [String: QueueReading.Presence] = [:]
        for job in asked {
            // Who is at work on a guest may have stopped it: of one that differs by that nobody is.
            let isGone =
                spoilt.map { [.operationJob, .guestPower].contains($0.field) && job.id == "op-\($0.vmid)" } ?? false
            let places: [[QueueReading.Place]] = [
                [.wait], [.active], [.delayed, .wait], [.prioritized], [.waitingChildren],
            ]
            jobs[job.id] = isGone ? .notListed : .listed(wardrobe.dice.one(of: places))
        }
        let queue = QueueReading.Queue(
            name: "provisioning", exists: true, version: wardrobe.dice.one(of: [nil, "bullmq:5.56.9", "bullmq:6"]),
            jobs: jobs, workers: wardrobe.dice.one(of: [nil, 1]))
        return QueueReading(
            endpoint: "127.0.0.1:6379/0", runID: "run-1", role: "master", serverTime: Fleet.now,
            answers: [QueueReading.Answer(name: "provisioning", queue: .success(queue))], startedAt: Fleet.now)
    }
}
