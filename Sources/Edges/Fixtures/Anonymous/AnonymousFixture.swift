import Core

extension Fixture {
    /// The same estate with other names: an audit of it finds the same kinds, verdicts, reasons and counts.
    ///
    /// Pseudonyms stand for customers, host and record names, external ids, addresses, nodes, pools, the cluster, the zone,
    /// endpoints, ids of operations and records, comments of others, persons and reasons. VMIDs, games, ports, the patterns of
    /// `scope`, queues, times and states stay. What a failure said is replaced by what its code means.
    ///
    /// A plane that is not known here is left out: better a plane less than a name too much. So is what the ledger knows by the
    /// ids of drifts, which are hashes over names: whoever audits both estates can exchange them.
    ///
    /// - Returns: the estate, and how its host and record names were renamed.
    package func anonymized() -> (fixture: Fixture, renamed: (String) -> String) {
        var anonymizer = Anonymizer(scope: settings.scope)
        _ = anonymizer.fixture(self)
        anonymizer.seal()
        let other = anonymizer.fixture(self)
        let names = anonymizer.names
        return (other, names.renamed)
    }
}

/// Walks over an estate, first to note what there is, then to replace it.
struct Anonymizer {
    var pseudonyms = Pseudonyms()
    var addresses = Addresses()
    var names: Names
    /// Whose ownership marks are ours.
    private(set) var id = ""

    init(scope: Scope) { names = Names(scope: scope) }

    mutating func seal() {
        pseudonyms.seal()
        addresses.seal()
        names.seal()
    }

    mutating func fixture(_ fixture: Fixture) -> Fixture {
        id = fixture.settings.id
        let settings = self.settings(fixture.settings)
        return Fixture(
            capturedAt: fixture.capturedAt, settings: settings,
            looks: fixture.looks.map { look in
                Fixture.Look(
                    desired: result(look.desired) { $0.desired($1) },
                    proxmox: look.proxmox.map { result($0) { $0.proxmox($1) } },
                    publicZone: look.publicZone.map { result($0) { $0.zone($1) } },
                    internalZone: look.internalZone.map { result($0) { $0.internalZone($1) } },
                    agents: look.agents.map { result($0) { $0.agents($1) } },
                    velocity: look.velocity.map { result($0) { $0.proxy($1) } },
                    queues: look.queues.map { result($0) { $0.queues($1) } })
            })
    }

    mutating func result<Value>(
        _ result: Result<Value, ReadFailure>, _ body: (inout Anonymizer, Value) -> Value
    ) -> Result<Value, ReadFailure> {
        switch result {
        case .success(let value): .success(body(&self, value))
        case .failure(let failure):
            .failure(ReadFailure(failure.code, Words.unknown(failure.code), at: failure.at))
        }
    }

    static let installation = "installation-1"

    private mutating func settings(_ settings: PipelineSettings) -> PipelineSettings {
        var other = settings
        other.id = Anonymizer.installation
        other.zone = settings.zone.map { names($0) }
        other.proxmox?.cluster = settings.proxmox?.cluster.map { pseudonyms.word(.cluster, $0) }
        other.publicDNS = settings.publicDNS.map { dns($0) }
        other.internalDNS = settings.internalDNS.map { dns($0) }
        return other
    }

    private mutating func dns(_ dns: PipelineSettings.DNS) -> PipelineSettings.DNS {
        PipelineSettings.DNS(
            edge: addresses(dns.edge), formerEdges: dns.formerEdges.map { addresses($0) }, ttl: dns.ttl)
    }

    // MARK: Desired state

    private mutating func desired(_ desired: DesiredState) -> DesiredState {
        for game in desired.instances.compactMap(\.game) + desired.retired.compactMap(\.game) { names.keep(game: game) }
        return DesiredState(
            instances: desired.instances.map { instance($0) }, operations: desired.operations.map { operation($0) },
            billing: desired.billing.map {
                BillingRow(
                    customer: pseudonyms.word(.customer, $0.customer), status: $0.status, serverState: $0.serverState)
            },
            retired: desired.retired.map {
                RetiredInstance(
                    vmid: $0.vmid, externalID: $0.externalID.map { pseudonyms.id($0) },
                    customer: $0.customer.map { pseudonyms.word(.customer, $0) }, hostname: names($0.hostname),
                    game: $0.game, deletedAt: $0.deletedAt)
            },
            unreadable: desired.unreadable.map {
                UnreadableRow(
                    table: $0.table, vmid: $0.vmid, externalID: $0.externalID.map { pseudonyms.id($0) },
                    hostname: $0.hostname.map { names($0) }, why: Words.unknown(.unreadableRow))
            },
            pauses: desired.pauses.map {
                Pause(
                    vmid: $0.vmid, since: $0.since, until: $0.until, why: pseudonyms.word(.reason, $0.why),
                    by: pseudonyms.word(.person, $0.by))
            },
            accepted: desired.accepted.map {
                Acceptance(
                    driftID: $0.driftID, reason: pseudonyms.word(.reason, $0.reason), until: $0.until,
                    by: pseudonyms.word(.person, $0.by))
            }, readAt: desired.readAt, past: DriftPast(answers: desired.past.answers.map { answer($0) }))
    }

    /// Without the hashes of what it is about, which are others under other names.
    private mutating func answer(_ answer: PlanAnswer) -> PlanAnswer {
        PlanAnswer(
            id: answer.id, plan: "", word: answer.word, by: pseudonyms.word(.person, answer.by), until: answer.until,
            redeemedAt: answer.redeemedAt)
    }

    private mutating func instance(_ row: DesiredInstance) -> DesiredInstance {
        var other = row
        other.key = InstanceKey(vmid: row.vmid, externalID: pseudonyms.id(row.key.externalID))
        other.customer = row.customer.map { pseudonyms.word(.customer, $0) }
        other.hostname = names(row.hostname)
        other.node = row.node.map { node($0) }
        other.address = row.address.map { addresses($0) }
        other.variant = row.variant.map { names($0) }
        return other
    }

    private mutating func operation(_ row: DesiredOperation) -> DesiredOperation {
        var other = row
        // One pool for all three: a key and an id that were equal stay equal.
        other.id = pseudonyms.word(.identifier, row.id)
        other.idempotencyKey = row.idempotencyKey.map { pseudonyms.word(.identifier, $0) }
        other.jobID = row.jobID.map { pseudonyms.word(.identifier, $0) }
        other.customer = row.customer.map { pseudonyms.word(.customer, $0) }
        other.phase = row.phase.map { pseudonyms.word(.phase, $0) }
        return other
    }
}
