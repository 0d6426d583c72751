import Core
import TestSupport

/// Numbers that follow from a seed alone (SplitMix64).
struct Draw {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x2545_f491_4f6c_dd1d }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
    }
}

/// Something that makes a fleet other than it should be, or that looks so and is not.
enum Breakage: CaseIterable {
    // Rows
    case otherStatus, wantsStopped, otherGame, dev, ownPort, impossiblePort, noAddress, oddAddress, otherAddress
    case sharedAddress, otherNode, noNode, nodeInCapitals, hostnameInCapitals, hostnameWithZone, renamed, outOfScope
    case secondRow, sameHostname, sameIdentity, unreadableRow, unreadableOperation, billing, operation, paused
    // Guests
    case noGuest, stopped, unknownPower, deadNode, moved, otherName, noName, placeholderName, machine, template, lock
    case createLock, managed, notSeen, noQuorum
    // Zones
    case wrongAddress, proxied, disabled, secondAddress, alias, text, noService, otherService, weight, secondService
    case noRecords, strayService, emptyZone, orphan, internalWrong, internalDisabled, internalGone, internalFails
    // Agents
    case refused, forbidden, crashed, notReady, sayNothing, busy, contradicts, agentsFail
    // The proxy
    case unregistered, elsewhere, otherPort, twice, nameOfProxy, ghost, unreadableEntry
    // What is looked at
    case noAgents, noProxy, noInternalZone, oddEdge

    func happen(to fleet: inout Fleet, _ draw: inout Draw) {
        guard !fleet.instances.isEmpty else { return }
        let row = fleet.instances[draw.below(fleet.instances.count)]
        let other = fleet.instances[draw.below(fleet.instances.count)]
        let vmid = Int(row.vmid.number)
        let variant = draw.below(4)
        rows(&fleet, vmid, row, other, variant)
        guests(&fleet, vmid, variant)
        zones(&fleet, vmid, row.hostname, variant)
        hosts(&fleet, vmid, row, variant)
    }

    private func rows(
        _ fleet: inout Fleet, _ vmid: Int, _ row: DesiredInstance, _ other: DesiredInstance, _ variant: Int
    ) {
        func change(_ body: (inout DesiredInstance) -> Void) { fleet.changeRow(vmid, body) }
        switch self {
        case .otherStatus:
            let words: [DesiredInstance.Status] = [.failed, .provisioning, .terminating, .pendingReconciliation]
            change { $0.status = words[variant] }
        case .wantsStopped: change { $0.power = .stopped }
        case .otherGame: change { $0.game = [nil, "valheim", "Minecraft", "terraria"][variant] }
        case .dev: change { $0.ctype = .dev }
        case .ownPort: change { $0.port = [25565, 25566, 0, 65_535][variant] }
        case .impossiblePort: change { $0.port = [-1, -2, 65_536, 70_000][variant] }
        case .noAddress: change { $0.address = nil }
        case .oddAddress: change { $0.address = ["fd00::1", "0.0.0.0", "10.70.020.1", ""][variant] }
        case .otherAddress: change { $0.address = "10.99.0.1" }
        case .sharedAddress: change { $0.address = other.address }
        case .otherNode: change { $0.node = variant < 2 ? "n2" : "gone" }
        case .noNode: change { $0.node = nil }
        case .nodeInCapitals: change { $0.node = "N1" }
        case .hostnameInCapitals: change { $0.hostname = row.hostname.uppercased() }
        case .hostnameWithZone: change { $0.hostname += variant == 0 ? "." : ".\(Fleet.zone)" }
        case .renamed: change { $0.hostname = variant == 0 ? "ct\(vmid)" : "mc-other-\(vmid)" }
        case .outOfScope: fleet.settings.scope.game?.vmids = 5002...5999
        case .secondRow:
            fleet.instances.append(row)
            fleet.instances[fleet.instances.count - 1].key = InstanceKey(
                vmid: row.vmid, externalID: ExternalID(high: 9, low: UInt64(variant)))
        case .sameHostname: change { $0.hostname = other.hostname }
        case .sameIdentity:
            change { $0.key = InstanceKey(vmid: row.vmid, externalID: other.key.externalID) }
        case .unreadableRow, .unreadableOperation:
            fleet.unreadable.append(
                UnreadableRow(
                    table: self == .unreadableRow ? .instance : .operation, vmid: variant == 0 ? nil : row.vmid,
                    externalID: nil, hostname: variant == 1 ? other.hostname : nil, why: "status: 'odd'"))
        case .billing:
            let rows: [(BillingRow.Status?, BillingRow.ServerState?)] = [
                (.suspended, .allowed), (.active, .suspendedShutdown), (nil, .allowed), (.active, .backupBlocked),
            ]
            fleet.billing.append(
                BillingRow(customer: row.customer ?? "", status: rows[variant].0, serverState: rows[variant].1))
        case .operation: fleet.addOperation("op-\(vmid)-\(variant)", .backup, vmid: vmid, status: .running)
        case .paused:
            fleet.pauses.append(
                Pause(vmid: row.vmid, since: Fleet.now, until: Fleet.now + .minutes(9), why: "test", by: "ops"))
        case .noAgents: fleet.settings.agents = false
        case .noProxy: fleet.settings.velocity = false
        case .noInternalZone: fleet.settings.internalDNS = nil
        case .oddEdge: fleet.settings.publicDNS?.edge = variant == 0 ? "0.0.0.0" : "203.0.113.010"
        default: break
        }
    }

    private func guests(_ fleet: inout Fleet, _ vmid: Int, _ variant: Int) {
        func change(_ body: (inout ProxmoxReading.GuestRow) -> Void) { fleet.changeGuest(vmid, body) }
        switch self {
        case .noGuest: fleet.removeGuest(vmid)
        case .stopped: change { $0.status = "stopped" }
        case .unknownPower: change { $0.status = "unknown" }
        case .deadNode: for index in fleet.nodes.indices { fleet.nodes[index].status = "offline" }
        case .moved: change { $0.node = "n2" }
        case .otherName: change { $0.name = "somebody" }
        case .noName: change { $0.name = nil }
        case .placeholderName: change { $0.name = "CT\(vmid)" }
        case .machine: change { $0.type = variant == 0 ? "openvz" : "qemu" }
        case .template: change { $0.isTemplate = true }
        case .lock: change { $0.lock = "backup" }
        case .createLock: change { $0.lock = variant < 2 ? "create" : "destroyed" }
        case .managed: change { $0.haState = "started" }
        case .notSeen: fleet.permissions = variant < 2 ? [:] : ["/vms": ["VM.Audit": true], "/vms/\(vmid)": [:]]
        case .noQuorum: fleet.isQuorate = false
        default: break
        }
    }

    private func zones(_ fleet: inout Fleet, _ vmid: Int, _ host: String, _ variant: Int) {
        let name = "\(host).\(Fleet.zone)"
        func add(_ name: String, _ data: DNSRecord.Data) {
            fleet.records.append(
                DNSRecord(id: "x\(fleet.records.count)", name: name, data: data, ttl: 60, comment: nil))
        }
        func srv(_ port: Int, weight: Int = 0, target: String? = nil) -> DNSRecord.Data {
            .srv(SRV(priority: 0, weight: weight, port: port, target: target ?? name))
        }
        switch self {
        case .wrongAddress: fleet.changeRecord("a\(vmid)") { $0.data = .a(["0.0.0.0", "203.0.113.9"][variant % 2]) }
        case .proxied: fleet.changeRecord(variant < 2 ? "a\(vmid)" : "s\(vmid)") { $0.isProxied = true }
        case .disabled: fleet.changeRecord(variant < 2 ? "a\(vmid)" : "s\(vmid)") { $0.isDisabled = true }
        case .secondAddress: add(name, .a(variant == 0 ? Fleet.edge : Fleet.formerEdge))
        case .alias: add(name, .cname("elsewhere.example.com"))
        case .text: add(name, .other(type: "TXT"))
        case .noService: fleet.removeRecord("s\(vmid)")
        case .otherService: fleet.changeRecord("s\(vmid)") { $0.data = srv([0, 1, 25_566, 70_000][variant]) }
        case .weight: fleet.changeRecord("s\(vmid)") { $0.data = srv(25_565, weight: 1) }
        case .secondService: add("_minecraft._tcp.\(name)", srv(25_566))
        case .noRecords: fleet.records.removeAll { $0.name.hasSuffix(name) }
        case .strayService: fleet.changeRecord("s\(vmid)") { $0.data = srv(25_565, target: "other.\(Fleet.zone)") }
        case .emptyZone: fleet.records = []
        case .orphan: add("mc-paper-5999.\(Fleet.zone)", .a(Fleet.edge))
        case .internalWrong: fleet.changeInternalRecord(host, "A") { $0.data = .a("10.0.0.4") }
        case .internalDisabled: fleet.changeInternalRecord(host, "A") { $0.isDisabled = true }
        case .internalGone: fleet.removeInternalRecord(host, "A")
        case .internalFails: fleet.internalZone = .failure(ReadFailure(.timeout, "no answer", at: Fleet.now))
        default: break
        }
    }

    private func hosts(_ fleet: inout Fleet, _ vmid: Int, _ row: DesiredInstance, _ variant: Int) {
        func says(_ status: AgentStatus) { fleet.agents[vmid] = .status(status) }
        switch self {
        case .refused: fleet.agents[vmid] = .failed(variant < 2 ? .refused : .timeout)
        case .forbidden: fleet.agents[vmid] = .failed(.forbidden)
        case .crashed: says(AgentStatus(state: variant < 2 ? .crashed : .error, ready: variant % 2 == 0))
        case .notReady: says(AgentStatus(state: .starting, ready: false))
        case .sayNothing: says(AgentStatus(state: nil))
        case .busy: says(AgentStatus(state: .running, processRunning: true, ready: true, maintenance: true))
        case .contradicts: says(AgentStatus(state: variant < 2 ? .idle : .running, processRunning: false, ready: true))
        case .agentsFail: fleet.agentsFailure = ReadFailure(.timeout, "no answer", at: Fleet.now)
        case .unregistered: fleet.unregister(row.hostname)
        case .elsewhere: fleet.register(row.hostname, ["10.99.0.9", "0.0.0.0", "host.example", "fd00::1"][variant])
        case .otherPort: fleet.register(row.hostname, row.address ?? "", port: 25_566)
        case .twice:
            fleet.proxy.servers?.append(.init(name: row.hostname, address: "10.99.0.9", port: 25_565))
        case .nameOfProxy: fleet.register("\(row.hostname).\(Fleet.zone)", row.address ?? "")
        case .ghost: fleet.register("mc-paper-5998", "10.99.0.8")
        case .unreadableEntry: fleet.proxy.unreadableRows = 1
        default: break
        }
    }
}
