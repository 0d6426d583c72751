package import Core

extension Estate {
    /// An estate of a random mix with random deviations: the same for the same seed and size.
    package static func random(
        seed number: UInt64, instances: Int, at now: Timestamp = Timestamp(seconds: 1_767_225_600)
    ) -> Estate {
        let count = max(0, instances)
        var sizes = Seed(number &* 31 &+ 7)
        let nodes = (1...(1 + sizes.below(5))).map { "pve\($0)" }
        let span = Layout(instances: count)
        var draft = EstateDraft(seed: number, nodes: nodes, scope: span.scope, at: now)
        if sizes.chance(percent: 15) {
            draft.estate.cluster.name = nil
            draft.estate.cluster.nodes.removeLast(draft.estate.cluster.nodes.count - 1)
            draft.estate.settings.proxmox?.cluster = nil
        }
        if sizes.chance(percent: 30) { draft.estate.settings.proxmox?.canary = nil }
        // Two records each, and some that were left behind: nobody keeps a fleet in a zone that is full.
        draft.estate.zone.quota = max(draft.estate.zone.quota, 4 * count)
        draft.addHouse()
        draft.addRandomServers(count, span)
        draft.plantRandomDeviations(percent: [0, 5, 15, 40][sizes.below(4)], span)
        var chance = Seed(number &* 37 &+ 11)
        draft.plantInternalDeviations(&chance, span)
        draft.addQueues()
        draft.plantRandomDeadOperations()
        var fate = Seed(number &* 41 &+ 13)
        draft.plantDeadNode(&fate)
        return draft.estate
    }

    /// Where the VMIDs of a random estate lie: the platform's ranges, or wider ones when it is large.
    struct Layout {
        let gameBase: Int
        let devBase: Int
        let width: Int
        let scope: Scope

        init(instances: Int) {
            let isLarge = instances > 700
            width = isLarge ? 4 * instances : 1000
            gameBase = isLarge ? 1_000_000 : 5000
            devBase = isLarge ? gameBase + width : 6000
            scope = Scope(
                game: Scope.Part(
                    vmids: gameBase...(gameBase + width - 1), hostnames: Scope.defaults.game?.hostnames ?? []),
                dev: Scope.Part(vmids: devBase...(devBase + width - 1), hostnames: Scope.defaults.dev?.hostnames ?? []))
        }
    }
}

extension EstateDraft {
    fileprivate mutating func addRandomServers(_ count: Int, _ span: Estate.Layout) {
        let games = ["rust", "terraria", "valheim", "palworld", "projectzomboid"]
        let variants = ["paper", "vanilla", "forge", "fabric", "purpur"]
        var game = span.gameBase
        var dev = span.devBase
        for index in 0..<count {
            let customer = "c-\(seed.below(max(1, count / 2)))"
            let isStopped = seed.chance(percent: 8)
            if seed.chance(percent: 12) {
                dev += 1
                addServer(
                    dev, hostname: "dev-\(dev)", customer: customer, game: nil, power: isStopped ? .stopped : .running)
                continue
            }
            game += 1 + (seed.chance(percent: 10) && index < count / 2 ? 1 : 0)
            let status = seed.chance(percent: 6) ? seed.pick(DesiredInstance.Status.allCases) ?? .active : .active
            let isMinecraft = seed.chance(percent: 75)
            let kind = isMinecraft ? "minecraft" : seed.pick(games) ?? "rust"
            let variant = seed.pick(variants) ?? "paper"
            addServer(
                game, hostname: isMinecraft ? "mc-\(variant)-\(game)" : "\(kind)-\(game)", customer: customer,
                game: kind, variant: isMinecraft ? variant : nil,
                port: seed.chance(percent: 30) ? 20000 + seed.below(10000) : nil,
                power: isStopped ? .stopped : .running,
                status: status, hasGuest: status != .failed, isMarked: seed.chance(percent: 60))
        }
    }

    fileprivate mutating func plantRandomDeviations(percent: Int, _ span: Estate.Layout) {
        for row in estate.instances {
            if seed.chance(percent: 4), let customer = row.customer,
                !estate.billing.contains(where: { $0.customer == customer })
            {
                estate.billing.append(
                    BillingRow(
                        customer: customer, status: seed.pick(BillingRow.Status.allCases),
                        serverState: seed.pick(BillingRow.ServerState.allCases)))
            }
            if seed.chance(percent: 4) {
                let kind = seed.pick(DesiredOperation.Kind.allCases) ?? .backup
                let status = seed.pick(DesiredOperation.Status.allCases) ?? .running
                estate.operations.append(
                    operation(
                        "op-\(estate.operations.count)-\(row.vmid)", Int(row.vmid.number), kind, status, phase: "work",
                        at: estate.drawnAt - .minutes(Int64(1 + seed.below(600)))))
            }
            guard row.status == .active, seed.chance(percent: percent) else { continue }
            if row.power == .stopped {
                estate.cluster.change(row.vmid) { $0.isRunning = true }
                plant(Int(row.vmid.number), .containerRunning, "It should be stopped and was started by hand.")
                continue
            }
            let isMinecraft = Games.usesSRV(row.game)
            let fitting = Deviation.allCases.filter { deviation in
                switch deviation {
                case .stopped, .missing, .reused, .moved: true
                case .srvDeleted, .srvPort: isMinecraft
                case .agentDead, .workloadCrashed: true
                case .backendLost, .backendMoved, .backendFullName: isMinecraft
                case .formerEdge, .duplicate, .proxied, .foreignName: row.ctype == .game
                }
            }
            if let deviation = seed.pick(fitting) { plant(deviation, on: row) }
        }
        plantStrays(percent: percent, span)
    }

    /// Now and then one node of several is down, with what is on it.
    fileprivate mutating func plantDeadNode(_ fate: inout Seed) {
        guard fate.chance(percent: 8), estate.cluster.nodes.count > 1, let node = fate.pick(estate.cluster.nodes) else {
            return
        }
        estate.cluster.setNode(node.name, offlineSince: estate.drawnAt - .minutes(Int64(fate.below(20))))
        let isOurs = estate.instances.contains { row in
            row.status == .active && (estate.guest(row.vmid)?.node ?? row.node) == node.name
        }
        guard isOurs else { return }
        estate.story.append(
            Planted(
                vmid: nil, kind: .containerNodeOffline, node: node.name,
                sentence: "\(node.name) lost its power, and nothing on it answers any more."))
    }

    private mutating func plantStrays(percent: Int, _ span: Estate.Layout) {
        guard percent > 0 else { return }
        var number = span.gameBase + span.width - 1
        for _ in 0..<seed.below(4) {
            if let vmid = VMID(number), let node = seed.pick(estate.cluster.nodes) {
                estate.cluster.add(.init(vmid: vmid, node: node.name, name: "mc-paper-\(number)"))
                plant(number, .containerOrphan, "A container without a row.")
            }
            number -= 1
        }
        for _ in 0..<seed.below(3) {
            estate.proxy.register("mc-paper-\(number)", "127.70.252.\(1 + seed.below(200))")
            plant(number, .velocityGhost, "A backend of a server that is gone.")
            number -= 1
        }
        for _ in 0..<seed.below(4) {
            let name = "mc-paper-\(number).\(EstateDraft.zoneName)"
            addRecord(name: name, type: "A", content: EstateDraft.edge)
            if let vmid = VMID(number), seed.chance(percent: 50) {
                estate.retired.append(
                    RetiredInstance(
                        vmid: vmid, externalID: EstateDraft.uuid(&seed), customer: nil, hostname: "mc-paper-\(number)",
                        game: "minecraft", deletedAt: estate.drawnAt - .minutes(Int64(1 + seed.below(20_000)))))
            }
            plant(number, .publicOrphan, record: name, "A record of a server that is gone.")
            number -= 1
        }
    }
}
