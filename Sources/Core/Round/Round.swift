/// One pass: read what should be, look at every plane, look twice at a suspicious absence, diff, decide, tell.
package struct Round: Sendable {
    /// An audit ends within a minute, whatever hangs; this leaves room for writing the report.
    package static let deadline = Span.seconds(50)
    /// When the first look ends at the latest.
    package static let lookDeadline = Span.seconds(30)
    /// How long after the first look a suspicious absence is looked at again.
    package static let secondLookAfter = Span.seconds(2)

    /// The planes that this version looks at.
    package static let observed: [Plane] = [.proxmox, .agents, .publicDNS, .internalDNS, .velocity, .queues]

    /// Those of them that are read as one.
    private static let listings: [Plane] = [.proxmox, .publicDNS, .internalDNS, .velocity]

    private enum Phase: Equatable {
        case readingDesired
        case observing(look: Int)
        case waiting
        case rereadingDesired
        case over
    }

    private let settings: PipelineSettings
    private let policies: PolicySet
    private let calendar: RepairCalendar
    private var phase = Phase.readingDesired
    private var facts: Facts?
    /// Why there is nothing to hold the planes against. They are looked at all the same: when it comes back it is known what of
    /// them can be read, and meanwhile an operator sees which of them is gone as well.
    private var unreadable: ReadFailure?
    private var outstanding: Set<Plane> = []
    private var suspicious: Set<Plane> = []
    private var suspects: [VMID] = []
    private var addressesWanted: [VMID] = []
    private var tasksWanted: [VMID] = []
    private var startedAt = Timestamp(microseconds: 0)
    /// Whether what should be was another thing when it was read again.
    private var hasChanged = false
    /// A VMID that the report is to explain: of agents, guests and jobs only its own are asked, and only what concerns it is
    /// looked at twice.
    package var explaining: VMID?
    private let quarantined: Set<String>
    /// Of the daemon's rounds before this one; nil for an audit.
    private let history: History?
    private let pace: Pace?
    /// Of the round before, and how long ago it may be.
    private let confirmed: Confirmed?
    private let longest: Span
    /// What the brake on mass changes counts of earlier rounds.
    private let released: Released
    /// Guests whose addresses are looked at because it is their turn, and the last of them.
    private var turn = Pace.Turn()
    /// The last look at Proxmox.
    private var askedOfProxmox: Look?

    package init(
        settings: PipelineSettings, policies: PolicySet, calendar: RepairCalendar, quarantined: Set<String> = [],
        history: History? = nil, pace: Pace? = nil, confirmed: Confirmed? = nil, longest: Span = .seconds(0),
        released: Released = Released()
    ) {
        self.released = released
        self.confirmed = confirmed
        self.longest = longest
        self.pace = pace
        self.history = history
        self.quarantined = quarantined
        self.settings = settings
        self.policies = policies
        self.calendar = calendar
    }

    package var isOver: Bool { phase == .over }

    package mutating func begin(at now: Timestamp) -> [Effect] {
        startedAt = now
        // Desired first: a row that appears afterwards makes a guest look like an orphan, which the second look clears; the
        // other order would make a deleted server look missing just as well.
        return [
            .wake(.lookDeadline, at: now + Round.lookDeadline), .wake(.roundDeadline, at: now + Round.deadline),
            .observe(Look(plane: .database, number: 1)),
        ]
    }

    package mutating func observed(_ observation: Observation, at now: Timestamp) -> [Effect] {
        switch (phase, observation.content, observation.look) {
        case (.readingDesired, .desired(let result), 1): return desiredRead(result, at: now)
        case (.rereadingDesired, .desired(let result), 2): return desiredReread(result, at: now)
        case (.observing(let look), let content, let answered):
            guard answered == look, outstanding.contains(content.plane) else { return [] }
            facts?.record(content, look: look, settings: settings)
            if content.plane == .proxmox, look == 1, let inventory = facts?.inventory.latest.value,
                confirmed?.precedes(inventory, longest: longest) == true
            {
                let standing = facts.flatMap { confirmed?.standing(in: $0.desired) }
                facts?.confirmed = standing
            }
            return looked(at: content.plane, now)
        default: return []
        }
    }

    package mutating func woke(_ wake: Wake, at now: Timestamp) -> [Effect] {
        switch (wake, phase) {
        case (.secondLook, .waiting):
            phase = .rereadingDesired
            return [.observe(Look(plane: .database, number: 2))]
        case (.roundDeadline, .readingDesired):
            phase = .over
            return [
                .tell(
                    .desiredUnreadable(
                        ReadFailure(.timeout, "PostgreSQL did not answer within the round's \(Round.deadline)", at: now)
                    ))
            ]
        case (.lookDeadline, .observing(look: 1)):
            giveUpOnSilent(look: 1, at: now)
            return looksDone(at: now)
        case (.roundDeadline, .observing(let look)):
            giveUpOnSilent(look: look, at: now)
            // Nothing that was seen once only may be called absent, however the round ends.
            facts?.isConfirming = true
            return finish(at: now)
        case (.roundDeadline, .waiting), (.roundDeadline, .rereadingDesired):
            leaveUnconfirmed(ReadFailure(.timeout, "the round ended before its second look", at: now))
            return finish(at: now)
        default: return []
        }
    }

    // MARK: Desired state

    private mutating func desiredRead(_ result: Result<DesiredState, ReadFailure>, at now: Timestamp) -> [Effect] {
        switch result {
        case .failure(let failure):
            // Of a database that this very process was told to leave, nothing is asked any more.
            guard pace != nil, failure.code != .notRead else {
                phase = .over
                return [.tell(.desiredUnreadable(failure))]
            }
            unreadable = failure
            facts = Facts(
                desired: DesiredState(
                    instances: [], operations: [], billing: [], retired: [], unreadable: [], pauses: [], accepted: [],
                    readAt: now))
            // Which agents to ask only the rows say.
            let planes = Round.observed.filter { settings.isConfigured($0) && $0 != .agents }
            return observe(planes.map { Look(plane: $0, number: 1) }, at: now)
        case .success(let desired):
            self.facts = Facts(desired: desired)
            let planes = Round.observed.filter(settings.isConfigured)
            for plane in Plane.allCases where settings.isConfigured(plane) && plane != .database {
                guard !planes.contains(plane) else { continue }
                facts?.record(
                    ReadFailure(.notSupported, "this version does not observe it yet", at: now), at: plane, look: 1)
            }
            let targets = planes.contains(.agents) ? targets(desired) : []
            if let pace, planes.contains(.proxmox) {
                turn = pace.addresses(of: targets.filter(\.isComparable).map(\.key.vmid))
            }
            let looks = planes.map { plane in
                Look(plane: plane, number: 1, agents: plane == .agents ? targets : [])
            }
            return observe(looks, at: now)
        }
    }

    private mutating func desiredReread(_ result: Result<DesiredState, ReadFailure>, at now: Timestamp) -> [Effect] {
        guard let facts else { return [] }
        switch result {
        case .failure(let failure):
            leaveUnconfirmed(failure)
            return finish(at: now)
        case .success(let desired):
            self.facts?.earlierDesired = facts.desired
            self.facts?.desired = desired
            // What a listing showed before a row was changed says nothing about what should be now.
            if !desired.wants(sameAs: facts.desired) {
                hasChanged = true
                self.facts?.isConfirming = true
                suspicious.formUnion(Round.listings.filter { facts.place(of: $0) != nil })
            }
            // Nothing but the rows was in doubt, and they are as they were.
            if suspicious.isEmpty { return finish(at: now) }
            let looks = suspicious.subtracting([.database]).sorted().map { plane in
                Look(
                    plane: plane, number: 2, place: facts.place(of: plane), suspects: plane == .proxmox ? suspects : [],
                    addressesOf: plane == .proxmox ? addressesWanted : [],
                    agents: plane == .agents ? facts.silentAgents(targets(desired)) : [])
            }
            return observe(looks, at: now)
        }
    }

    // MARK: Planes

    private mutating func observe(_ looks: [Look], at now: Timestamp) -> [Effect] {
        var looks = looks
        for index in looks.indices {
            looks[index] = asking(looks[index])
            if looks[index].plane == .proxmox { takeTurns(&looks[index]) }
        }
        outstanding = Set(looks.map(\.plane))
        phase = .observing(look: looks.first?.number ?? (suspicious.isEmpty ? 1 : 2))
        return looks.isEmpty ? looksDone(at: now) : looks.map(Effect.observe)
    }

    /// Adds what only the desired state can name.
    private func asking(_ look: Look) -> Look {
        var look = look
        if look.plane == .proxmox, look.number == 2 { look.tasksOf = tasksWanted }
        // In a second look again: the newest reading is the one that counts, and it knows only what it was asked for.
        if look.plane == .proxmox, let confirmed {
            look.suspects = Set(confirmed.absent.keys).union(look.suspects).sorted()
            look.addressesOf = Set(confirmed.addressesOf).union(look.addressesOf).sorted()
            look.tasksOf = confirmed.tasksOf.union(look.tasksOf).sorted()
        }
        if look.plane == .proxmox, let explaining {
            look.suspects = look.suspects.filter { $0 == explaining }
            (look.addressesOf, look.tasksOf) = ([explaining], [explaining])
        }
        if look.plane == .agents, look.number == 1, let pace {
            look.agentsOver = pace.spread(agents: look.agents.count)
        }
        guard look.plane == .queues, let desired = facts?.desired else { return look }
        let operations = desired.operations.filter { operation in
            guard operation.isLive else { return false }
            return explaining.map { operation.vmid == $0 } ?? DeadOperations.mayConcern(operation, in: desired)
        }
        look.jobs = Set(operations.map(\.job)).sorted()
        return look
    }

    /// Puts those first that the last round left out.
    private mutating func takeTurns(_ look: inout Look) {
        facts?.leftOut = (pace?.turns ?? Turns()).arrange(&look, alsoAddressesOf: turn.guests)
        askedOfProxmox = look
    }

    private func targets(_ desired: DesiredState) -> [AgentTarget] {
        let all = desired.agentTargets(settings)
        return explaining.map { vmid in all.filter { $0.key.vmid == vmid } } ?? all
    }

    private mutating func looked(at plane: Plane, _ now: Timestamp) -> [Effect] {
        outstanding.remove(plane)
        return outstanding.isEmpty ? looksDone(at: now) : []
    }

    private mutating func looksDone(at now: Timestamp) -> [Effect] {
        guard let facts, phase == .observing(look: 1), unreadable == nil else { return finish(at: now) }
        let findings = Diff.run(facts, settings: settings, history: history).1
        suspicious = explaining.map(findings.suspicious(about:)) ?? findings.suspicious
        suspects = findings.suspects
        tasksWanted = findings.tasksWanted
        addressesWanted = Array(Set(findings.addressesWanted)).sorted()
        if let explaining, case .absent? = facts.container(explaining, recordedNode: nil, isExpected: false) {
            // Also where nothing wants a guest: that there is none is said of it, and has to be earned.
            suspicious.insert(.proxmox)
            suspects.append(explaining)
        }
        // Rows and listings are seconds apart. A daemon hears of a row that changes meanwhile; an audit asks.
        let isOff = findings.drifts.contains { drift in explaining.map(drift.concerns) ?? true }
        guard !suspicious.isEmpty || (pace == nil && isOff) else { return finish(at: now) }
        self.facts?.isConfirming = !suspicious.isEmpty
        phase = .waiting
        return [.wake(.secondLook, at: now + Round.secondLookAfter)]
    }

    private mutating func giveUpOnSilent(look: Int, at now: Timestamp) {
        let silent = ReadFailure(.timeout, "no answer before the look had to end", at: now)
        for plane in outstanding.sorted() { facts?.record(silent, at: plane, look: look) }
        outstanding = []
    }

    private mutating func leaveUnconfirmed(_ failure: ReadFailure) {
        facts?.unconfirmedRows = failure
        for plane in suspicious { facts?.record(failure, at: plane, look: 2) }
    }

    // MARK: The end

    private mutating func finish(at now: Timestamp) -> [Effect] {
        phase = .over
        guard var facts else { return [] }
        if let unreadable {
            let findings = Diff.run(facts, settings: settings, history: history).1
            let seen = CoverageList.make(findings: findings, facts: facts, settings: settings)
            return [
                .tell(.desiredUnreadable(unreadable, seen: seen.filter { ![.database, .agents].contains($0.plane) }))
            ]
        }
        if hasChanged { facts.forgetUnconfirmed(Round.listings) }
        if let look = askedOfProxmox, let inventory = facts.inventory.latest.value, facts.inventory.unconfirmed == nil {
            facts.unreached = Turns.unreached(look, inventory)
        }
        let (expectation, findings) = Diff.run(facts, settings: settings, history: history)
        var decide = Decide(
            expectation: expectation, facts: facts, policies: policies, settings: settings, calendar: calendar,
            now: now, dead: findings.deadOperations, quarantined: quarantined, released: released)
        decide.explaining = explaining
        decide.hasBulkAbsence = findings.hasBulkAbsence
        var report = Report(
            decisions: decide.run(findings), findings: findings, expectation: expectation, facts: facts,
            policies: policies,
            settings: settings, generatedAt: now, history: history)
        report.lastLooked = turn.last
        report.isPublicZoneLimited = facts.publicZone.isLimited
        if let look = askedOfProxmox, let inventory = facts.inventory.latest.value, facts.inventory.unconfirmed == nil {
            report.turns = Turns(after: look, leftOut: facts.leftOut, besides: turn.guests, inventory)
        }
        report.confirmed = Confirmed(
            findings, facts, asked: Set(tasksWanted).union(confirmed.map { Array($0.tasksOf) } ?? []))
        report.explanation = explaining.map {
            Explanation($0, decide: decide, findings: findings, report: report)
        }
        return [.tell(.report(report))]
    }
}
