/// The whole controller as one value: events in, effects out, no I/O, no clock. A thin router over its parts.
package struct Controller: Sendable {
    private let settings: PipelineSettings
    private var policies: PolicySet
    private var calendar: RepairCalendar
    private var round: Round?
    /// Only a daemon has it.
    private var watch: Watch?

    package init(
        settings: PipelineSettings, policies: PolicySet, calendar: RepairCalendar = .always, duty: Duty? = nil
    ) {
        self.settings = settings
        self.policies = policies
        self.calendar = calendar
        watch = duty.map { Watch(duty: $0, policies: policies) }
    }

    package var tenure: Tenure? { watch?.tenure }
    package var cycle: Int64? { watch?.cycle }

    /// Whether a repair that has not begun waits until what has changed is looked at.
    ///
    /// - Parameter own: whose rows this process has changed itself.
    package func putsOff(_ intent: Intent, own: Set<VMID>) -> Bool { watch?.putsOff(intent, own: own) ?? false }

    package mutating func handle(_ event: Event, at now: Timestamp) -> [Effect] {
        switch event {
        case .operatorAsked(let request):
            guard round == nil else { return [] }
            var round = Round(settings: settings, policies: policies, calendar: calendar)
            if case .explain(let vmid) = request { round.explaining = vmid }
            return begin(round, at: now)
        case .observed(let observation): return advance(at: now) { $0.observed(observation, at: now) }
        case .woke(.cycle):
            guard var watch, round == nil else { return [] }
            watch.begins(at: now)
            self.watch = watch
            return begin(
                Round(
                    settings: settings, policies: policies, calendar: calendar, quarantined: watch.quarantined,
                    history: watch.history, pace: watch.pace, confirmed: watch.confirmed, longest: watch.longest,
                    released: watch.released),
                at: now)
        case .desiredChanged(let changed):
            let wake = watch?.noted(changed, at: now) ?? []
            if round == nil { return wake }
            // What it gives way to not is looked at when it has ended.
            guard let effects = watch?.givesWay(at: now) else { return [] }
            round = nil
            return effects
        case .woke(let wake): return advance(at: now) { $0.woke(wake, at: now) }
        case .tenure(let tenure): return watch?.changed(tenure, at: now) ?? []
        case .clockSet:
            watch?.clockWasSet(at: now)
            return []
        case .hearsAgain:
            watch?.hearsAgain(at: now)
            return []
        case .roundTorn(let changed):
            round = nil
            return watch?.torn(changed, at: now) ?? []
        case .recalled(let memory):
            watch?.recalled(memory)
            return []
        case .journaled(let isWritten, let intents): return watch?.journaled(isWritten, intents, at: now) ?? []
        case .repaired(let intent, let outcome): return watch?.repaired(intent, outcome, at: now) ?? []
        case .postponed(let intent): return watch?.postponed(intent, at: now) ?? []
        case .redeemed(let isWritten): return watch?.redeemed(isWritten, at: now) ?? []
        case .reloaded(let policies, let calendar):
            // A round that runs is decided by what it began with; the next one by these, every open drift anew.
            self.policies = policies
            self.calendar = calendar
            watch?.policies = policies
            return []
        case .stop:
            round = nil
            return []
        }
    }

    private mutating func begin(_ new: Round, at now: Timestamp) -> [Effect] {
        var new = new
        let effects = new.begin(at: now)
        round = new
        return effects
    }

    private mutating func advance(at now: Timestamp, _ step: (inout Round) -> [Effect]) -> [Effect] {
        // An answer that comes after its round has ended is of no use to anybody.
        guard var round else { return [] }
        let effects = step(&round)
        self.round = round.isOver ? nil : round
        guard watch != nil else { return effects }
        return effects.flatMap { effect in
            if case .tell(let outcome) = effect { watch?.ended(outcome, at: now) ?? [] } else { [effect] }
        }
    }
}
