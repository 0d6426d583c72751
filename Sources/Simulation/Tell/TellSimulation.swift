import Core
import World

/// Two controllers that tell one Discord, in virtual time: processes that die between any two steps, leadership that passes on
/// while the old leader still sends, a database that is away, and a Discord that limits, fails, loses answers and has its
/// messages deleted. What it shows in the end is counted against what happened.
package struct TellSimulation {
    package let seed: UInt64
    package private(set) var trace: [String] = []
    package internal(set) var violations: [String] = []
    package private(set) var counts = Counts()
    private let keepsTrace: Bool
    private let bug: Bug?
    var chance: Seed
    private(set) var now = Timestamp(seconds: 1_767_225_600)
    let calmAt: Timestamp
    /// Set in a run that leaves nothing to chance.
    package private(set) var script: TellScript?
    private(set) var rounds = 0
    var book = OutboxBook()
    var groups = IncidentGroups()
    private var house: DiscordHouse
    private var tellers: [Teller]
    private var leader = 0
    var open: [String: OpenDrift] = [:]
    /// What somebody has accepted before it opened.
    var accepted: Set<String> = []
    private var repeats = TellRepeats()
    /// With which version of an incident the last opening or repair of it was written down, and which one Discord has shown.
    var news = TellNews()
    private(set) var heard = TellCalls()
    private var spell = TellSpell()

    static let webhook = "alerts"
    /// For so long all is calm and what somebody is needed for stays: longer than what comes and goes is not told.
    static let calls = Span.minutes(70)
    private static let teller = IncidentMessage.Teller(id: "sim-1", isDryRun: false)
    static let notify = [Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: webhook)]

    package init(seed: UInt64, keepsTrace: Bool = false, bug: Bug? = nil, script: TellScript? = nil) {
        self.seed = seed
        self.keepsTrace = keepsTrace
        self.bug = bug
        self.script = script
        chance = Seed(seed &* 0x9e37_79b9 &+ 11)
        calmAt = now + .minutes(Int64(script == nil ? 30 + chance.below(240) : Self.storyRounds))
        house = DiscordHouse(webhooks: [.init(id: "1", token: "t", name: Self.webhook)])
        let begin = now
        tellers = (0..<2).map { _ in Teller(line: OutboxLine(Self.teller), dueAt: begin) }
        tellers[0].leads = true
    }

    var isCalm: Bool { now >= calmAt }
    /// Whether something may go wrong by chance.
    private var isStormy: Bool { script == nil && !isCalm }

    private mutating func note(_ line: @autoclosure () -> String) {
        if keepsTrace { trace.append("\(now) \(line())") }
    }

    package mutating func run() {
        let end = calmAt + Self.calls + .minutes(150)
        var nextRound = now
        var steps = 0
        while now < end {
            steps += 1
            if steps > 200_000 {
                violations.append("a hot loop: \(steps) steps")
                break
            }
            let due = tellers.indices.filter { !tellers[$0].isDead }.map { tellers[$0].dueAt }.min() ?? nextRound
            if nextRound <= due {
                now = max(now, nextRound)
                round()
                nextRound = now + .seconds(60)
            } else {
                now = max(now, due)
                if let index = tellers.indices.first(where: { !tellers[$0].isDead && tellers[$0].dueAt <= now }) {
                    step(index)
                }
            }
        }
        judge()
    }

    // MARK: What happens

    private mutating func round() {
        rounds += 1
        if isStormy {
            happen()
        } else {
            for index in tellers.indices where tellers[index].isDead { revive(index) }
            tellers[1 - leader].leads = false
            tellers[leader].leads = true
        }
        drift()
        for index in tellers.indices { tellers[index].dueAt = min(tellers[index].dueAt, now) }
    }

    private mutating func happen() {
        switch chance.below(30) {
        case 0, 1:
            let old = leader
            leader = 1 - leader
            counts.takeovers += 1
            tellers[leader].leads = true
            // The old one hears of it at once, or only by being refused.
            if chance.chance(percent: 50) { tellers[old].leads = false }
            let new = leader
            note("\(new) leads")
        case 2, 3: crash(chance.below(2))
        case 4:
            let shown = house.shown
            if let message = chance.pick(shown) {
                house.delete(message.id)
                note("somebody deleted \(message.id)")
            }
        case 5:
            spell = TellSpell(&chance, at: now)
            let begun = spell
            note("\(begun)")
        default: break
        }
        for index in tellers.indices where tellers[index].isDead && chance.chance(percent: 60) { revive(index) }
    }

    private mutating func crash(_ index: Int) {
        guard !tellers[index].isDead else { return }
        counts.crashes += 1
        note("\(index) died")
        // A request that was on its way arrives or does not.
        if tellers[index].request != nil, tellers[index].arrived == nil, chance.chance(percent: 50) {
            _ = deliver(index)
        }
        if let request = tellers[index].request { repeats.doubt(request.claim.message) }
        tellers[index].isDead = true
        (tellers[index].request, tellers[index].arrived) = (nil, nil)
    }

    private mutating func revive(_ index: Int) {
        tellers[index] = Teller(line: OutboxLine(Self.teller), dueAt: now)
        tellers[index].leads = index == leader
    }

    // MARK: One step of one process

    private mutating func step(_ index: Int) {
        if isStormy, chance.chance(percent: 2) {
            crash(index)
            return
        }
        if tellers[index].request == nil { return begin(index) }
        let fate = nextFate()
        if fate == .diedBefore { return die(index) }
        if tellers[index].arrived == nil { send(index, fate) } else { record(index, fate) }
        if fate == .diedAfter { die(index) }
    }

    /// What the script has in store for the I/O that comes now.
    private mutating func nextFate() -> Script.Fate? {
        guard let (fate, isDeposed) = script?.next() else { return nil }
        if isDeposed {
            // The old one hears of it by being refused.
            let new = 1 - leader
            leader = new
            tellers[new].leads = true
            note("\(new) leads")
        }
        return fate
    }

    /// The process is gone, and what it has sent is where it is; another one takes over.
    private mutating func die(_ index: Int) {
        counts.crashes += 1
        note("\(index) died")
        if let request = tellers[index].request { repeats.doubt(request.claim.message) }
        tellers[index].isDead = true
        (tellers[index].request, tellers[index].arrived) = (nil, nil)
        if leader == index { leader = 1 - index }
    }

    private mutating func begin(_ index: Int) {
        guard tellers[index].leads else {
            tellers[index].dueAt = now + .seconds(60)
            return
        }
        var desk = book.desk(of: Self.webhook, at: now)
        if bug == .tellsOnlyHowItStands {
            for row in desk.rows.indices {
                desk.rows[row].toldDrifts = desk.rows[row].incident.drifts
                desk.rows[row].toldRepaired = desk.rows[row].incident.repaired
            }
        }
        switch tellers[index].line.next(desk, at: now) {
        case .rest: tellers[index].dueAt = now + .seconds(30)
        case .wait(let until): tellers[index].dueAt = max(now + .milliseconds(10), min(until, now + .seconds(30)))
        case .settle(let told):
            news.settled(told, desk, Self.teller)
            heard.written(told)
            book.settle(told, webhook: Self.webhook)
        case .send(var sending):
            // Only the leader's claim is written.
            guard index == leader else {
                tellers[index].leads = false
                return
            }
            if bug == .silentRepeats { sending = sending.quiet }
            if bug == .settlesUnsent, sending.edits == nil, chance.chance(percent: 5) {
                return book.settle(sending.told, webhook: Self.webhook)
            }
            let fate = nextFate()
            if fate == .diedBefore { return die(index) }
            // Deposed at this very moment: its transaction asks for the lease.
            guard fate != .notSent, index == leader else { return tellers[index].dueAt = now + .seconds(5) }
            guard let claim = book.claim(sending, webhook: Self.webhook, at: now) else {
                tellers[index].dueAt = now + .seconds(1)
                return
            }
            if fate == .answerLost {
                // Who does not know that it has claimed sends nothing; who comes after cannot know that.
                repeats.doubt(claim.message)
                return tellers[index].dueAt = now + .seconds(5)
            }
            if fate == .diedAfter {
                repeats.doubt(claim.message)
                return die(index)
            }
            note("\(index) claims \(claim.message).\(claim.number): \(sending.content.title)")
            tellers[index].request = (sending, claim)
        }
    }

    private mutating func send(_ index: Int, _ fate: Script.Fate?) {
        guard let request = tellers[index].request else { return }
        // It takes its time; a request that hangs is given up before anybody may repeat it.
        now = now + .milliseconds(Int64(20 + chance.below(400)))
        let (answer, allowance): (SinkAnswer, SinkAllowance?)
        let weather =
            switch fate {
            case .notSent: 0
            case .answerLost, .diedAfter: 1
            case .diedBefore, nil: isStormy ? chance.below(20) : 99
            }
        switch weather {
        case 0: (answer, allowance) = (.notSent("refused"), nil)
        case 1, 2:
            _ = deliver(index)
            counts.lostAnswers += 1
            repeats.doubt(request.claim.message)
            (answer, allowance) = (.unsure("timeout"), nil)
        case 3:
            // It failed before it was looked at; nobody here can know that.
            repeats.doubt(request.claim.message)
            (answer, allowance) = (.unsure("503"), nil)
        default: (answer, allowance) = deliver(index)
        }
        if case .limited = answer { counts.limited += 1 }
        tellers[index].arrived = (answer, allowance)
    }

    private mutating func deliver(_ index: Int) -> (SinkAnswer, SinkAllowance?) {
        guard let request = tellers[index].request else { return (.notSent(""), nil) }
        if let until = tellers[index].limitedUntil, now < until {
            violations.append("a request in spite of being told to wait")
        }
        let fault = isStormy ? TellSpell.once(chance.below(60)) ?? spell.fault(at: now) : nil
        let post = DiscordPost(request.sending.content)
        let answer: DiscordHouse.Answer
        if let id = request.sending.edits {
            answer = house.edit(id, post, of: "1", token: "t", fault: fault, at: now)
        } else {
            answer = house.post(post, to: "1", token: "t", fault: fault, at: now)
        }
        let left = house.allowance("1", at: now)
        let allowance = SinkAllowance(remaining: left.remaining, resetAfter: left.resetAfter)
        switch answer {
        case .shown(let shown):
            news.shown(request.sending.told)
            if request.sending.edits == nil, !request.sending.content.isSilent { heard.heard(request.sending.told) }
            if request.sending.edits == nil {
                let saysSo = shown.text.contains(Words.repeated)
                let (isRepeat, fault) = repeats.posted(request.claim.message, saysSo: saysSo)
                if isRepeat { counts.repeats += 1 }
                if let fault { violations.append(fault) }
            }
            return (.accepted(shown.id), allowance)
        case .limited(_, _, 30046): return (.editLimited, allowance)
        case .limited(let span, let isGlobal, _): return (.limited(span, isGlobal: isGlobal), allowance)
        case .refused(let status, let code, _, let errors):
            let isMissing = code == 10008
            if fault == nil, !isMissing { violations.append("Discord refused a message: \(code) \(errors)") }
            // Whoever gave up waiting may have passed it on.
            if status == 408 { repeats.doubt(request.claim.message) }
            tellers[index].isForContent = fault?.isOfContent == true
            let answer = SinkAnswer.refusal(status, code: code, why: "\(status)")
            return (bug == .takesAnyRefusalForOne && !isMissing ? .rejected("\(status)") : answer, allowance)
        case .webhook, .gone:
            violations.append("an answer that cannot be")
            return (.unsure(""), nil)
        }
    }

    private mutating func record(_ index: Int, _ fate: Script.Fate?) {
        guard let request = tellers[index].request, let arrived = tellers[index].arrived else { return }
        let end = tellers[index].line.ended(request.sending, arrived.answer, arrived.allowance, at: now)
        if case .limited(let span, _) = arrived.answer {
            tellers[index].limitedUntil = now + span
            if bug == .retriesLimitsAtOnce { tellers[index].line = OutboxLine(Self.teller) }
        }
        (tellers[index].request, tellers[index].arrived) = (nil, nil)
        if tellers[index].line.trouble != nil { counts.troubled += 1 }
        // The database may be away at this very moment.
        guard fate != .notSent, !isStormy || !chance.chance(percent: 3) else {
            repeats.doubt(request.claim.message)
            note("\(index) could not write down \(request.claim.message)")
            return
        }
        if bug == .forgetsClaims, chance.chance(percent: 10) {
            return book.record(.again(mayBeShown: false), of: request.sending, request.claim, at: now)
        }
        // What Discord refuses for what it says, twice, is given up; nothing else is.
        if end == .dropped, !tellers[index].isForContent {
            violations.append("message \(request.claim.message) was given up, and not for what it says")
        } else if end == .dropped {
            news.shown(request.sending.told)
            if request.sending.edits == nil { heard.heard(request.sending.told) }
        }
        note("\(index) records \(end) of \(request.claim.message)")
        switch end {
        case .shown, .dropped: heard.written(request.sending.told)
        case .again, .againPlain, .gone, .frozen: break
        }
        book.record(end, of: request.sending, request.claim, at: now)
    }

    // MARK: The end

    /// Once nothing goes wrong any more, everybody knows how everything stands, and it is quiet.
    private mutating func judge() {
        counts.incidents = book.incidents.count
        counts.requests = house.requests
        counts.shown = house.shown.count
        counts.edits = house.shown.reduce(0) { $0 + $1.edits }
        violations += news.missing
        violations += TellJudgement.violations(book, house, webhook: Self.webhook, at: now)
    }
}
