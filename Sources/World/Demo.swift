package import Core

extension Estate {
    /// A fleet for a newcomer: 24 servers, and 22 things that are not as they should be, each with its story: at least one of every family
    /// of drifts.
    package static func demo(
        seed number: UInt64 = 1, at now: Timestamp = Timestamp(seconds: 1_767_225_600)
    ) -> Estate {
        var draft = EstateDraft(seed: number, nodes: ["pve1", "pve2", "pve3"], scope: .defaults, at: now)
        draft.addHouse()
        draft.addDemoServers()
        draft.plantDemoDeviations()
        return draft.estate
    }
}

extension EstateDraft {
    fileprivate mutating func addDemoServers() {
        let variants = [
            "paper", "vanilla", "forge", "fabric", "paper", "purpur", "spigot", "paper", "paper", "neoforge", "paper",
            "quilt", "vanilla", "paper",
        ]
        for (offset, variant) in variants.enumerated() {
            let number = 5001 + offset
            addServer(
                number, hostname: "mc-\(variant)-\(number)", customer: demoCustomer(number), variant: variant,
                port: number % 4 == 2 ? 25600 + offset : nil, isMarked: number % 3 != 0)
        }
        addServer(5015, hostname: "mc-paper-5015", customer: "c-birch", variant: "paper", power: .stopped)
        addServer(
            5016, hostname: "mc-paper-5016", customer: "c-cedar", variant: "paper", status: .provisioning,
            hasGuest: false)
        addServer(5017, hostname: "rust-5017", customer: "c-cedar", game: "rust")
        addServer(5018, hostname: "terraria-5018", customer: "c-aster", game: "terraria", port: 7790)
        addServer(5019, hostname: "valheim-5019", customer: "c-elder", game: "valheim")
        addServer(5020, hostname: "mc-5020", customer: "c-fern", variant: "vanilla")
        addServer(
            5021, hostname: "mc-paper-5021", customer: "c-fern", variant: "paper", status: .failed, hasGuest: false)
        for number in 6001...6003 {
            addServer(
                number, hostname: "dev-\(number)", customer: "c-birch", game: nil,
                power: number == 6002 ? .stopped : .running)
        }
    }

    private func demoCustomer(_ number: Int) -> String {
        switch number {
        case 5010, 5011: "c-dahlia"
        default: ["c-aster", "c-birch", "c-cedar", "c-elder"][number % 4]
        }
    }

    fileprivate mutating func plantDemoDeviations() {
        let now = estate.drawnAt
        let planned: [(Int, Deviation, Reason?)] = [
            (5003, .srvDeleted, nil), (5004, .formerEdge, nil), (5005, .duplicate, nil), (5006, .proxied, nil),
            (5007, .stopped, nil), (5008, .missing, nil), (5009, .reused, nil), (5012, .moved, nil),
            (5013, .foreignName, nil), (5014, .srvPort, .operationInFlight), (5001, .workloadCrashed, nil),
            (5002, .agentDead, nil), (5020, .backendLost, nil),
        ]
        for (number, deviation, reason) in planned {
            if let row = estate.instances.first(where: { Int($0.vmid.number) == number }) {
                plant(deviation, on: row, heldBy: reason)
            }
        }
        for (number, deviation) in [(5001, InternalDeviation.srvDeleted), (5002, .formerEdge)] {
            if let row = estate.instances.first(where: { Int($0.vmid.number) == number }) {
                plantInternally(deviation, on: row)
            }
        }
        plant(
            5010, .containerSuspendedRunning,
            "The customer was suspended for non-payment; one of the two servers still runs.")
        if let vmid = VMID(5011) { estate.cluster.change(vmid) { $0.isRunning = false } }
        if let vmid = VMID(5042), let node = estate.cluster.nodes.last?.name {
            estate.cluster.add(
                .init(vmid: vmid, node: node, name: "mc-paper-5042", pool: "games", tags: ["game"]))
        }
        plant(
            5042, .containerOrphan,
            "A container without a row: a provisioning run died between creating it and writing it down.")
        let retired = "mc-paper-5030.\(EstateDraft.zoneName)"
        addRecord(name: retired, type: "A", content: EstateDraft.edge, comment: nil)
        plant(5030, .publicOrphan, record: retired, "The server was deleted three days ago; its A record was not.")

        estate.proxy.register(retired, "127.70.0.12")
        plant(
            5030, .velocityGhost,
            "The deleted server's backend stayed in the proxy, under its full name, at an address that another server has now."
        )

        estate.billing = [
            BillingRow(customer: "c-aster", status: .active, serverState: .allowed),
            BillingRow(customer: "c-dahlia", status: .suspended, serverState: .suspendedShutdown),
            BillingRow(customer: "c-fern", status: .pastDue, serverState: .allowed),
        ]
        if let vmid = VMID(5030) {
            estate.retired = [
                RetiredInstance(
                    vmid: vmid, externalID: EstateDraft.uuid(&seed), customer: "c-elder", hostname: "mc-paper-5030",
                    game: "minecraft", deletedAt: now - .minutes(3 * 1440))
            ]
        }
        estate.operations = [
            operation("op-create-5016", 5016, .create, .running, phase: "install", at: now - .minutes(2)),
            operation("op-create-5016-again", 5016, .create, .running, phase: "clone", at: now - .minutes(1)),
            operation("op-backup-5014", 5014, .backup, .running, phase: "archive", at: now - .minutes(4)),
            operation("op-create-5021", 5021, .create, .failed, phase: "verify", at: now - .minutes(300)),
            operation("op-restart-5002", 5002, .restart, .running, phase: "stop", at: now - .minutes(42)),
        ]
        addQueues()
        plant(
            5016, .allocationDuplicateVMID,
            "The shop sent one order twice, with two keys: two runs are making a server under the same VMID.")
        plantBacklog(
            in: "billing_enforcement", "Its one worker hangs on an invoice; the job behind it has waited ever since.")
        plantStale(
            operation: "op-restart-5002",
            "The worker died half-way through a restart; its job is gone, and the row still locks the server.")
    }

    func operation(
        _ id: String, _ number: Int, _ kind: DesiredOperation.Kind, _ status: DesiredOperation.Status, phase: String,
        at begun: Timestamp
    ) -> DesiredOperation {
        let isLive = status == .queued || status == .running
        return DesiredOperation(
            id: id, idempotencyKey: "key-\(id)",
            customer: estate.instances.first { Int($0.vmid.number) == number }?.customer, vmid: VMID(number),
            kind: kind, queue: "provisioning", jobID: nil, status: status, phase: phase, attempts: 1,
            enqueuedAt: begun, startedAt: begun + .seconds(1),
            heartbeatAt: isLive ? estate.drawnAt - .seconds(5) : begun + .seconds(30),
            leaseExpiresAt: isLive ? estate.drawnAt + .minutes(5) : nil,
            finishedAt: isLive ? nil : begun + .minutes(1))
    }
}
