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

    package mutating func handle(_ event: Event, at now: Timestamp) -> [Effect] {
        switch event {
        case .operatorAsked(let request):
            guard round == nil else { return [] }
            var round = Round(settings: settings, policies: policies, calendar: calendar)
            if case .explain(let vmid) = request { round.explaining = vmid }
            return begin(round, at: now)
        case .observed(let observation): return advance(at: now) { $0.observed(observation, at: now) }
        case .woke(.cycle), .desiredChanged:
            guard watch != nil, round == nil else { return [] }
            watch?.begins(at: now)
            return begin(
                Round(
                    settings: settings, policies: policies, calendar: calendar, quarantined: watch?.quarantined ?? [],
                    history: watch?.history, pace: watch?.pace(event), confirmed: watch?.confirmed,
                    longest: watch?.longest ?? .seconds(0)),
                at: now)
        case .woke(let wake): return advance(at: now) { $0.woke(wake, at: now) }
        case .tenure(let tenure): return watch?.changed(tenure) ?? []
        case .recalled(let memory):
            watch?.recalled(memory)
            return []
        case .journaled(let isWritten, let intents): return watch?.journaled(isWritten, intents, at: now) ?? []
        case .repaired(let intent, let outcome): return watch?.repaired(intent, outcome, at: now) ?? []
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
