/// The whole controller as one value: events in, effects out, no I/O, no clock. A thin router over its parts.
package struct Controller: Sendable {
    private let settings: PipelineSettings
    private let policies: PolicySet
    private let calendar: RepairCalendar
    private var round: Round?

    package init(settings: PipelineSettings, policies: PolicySet, calendar: RepairCalendar = .always) {
        self.settings = settings
        self.policies = policies
        self.calendar = calendar
    }

    package mutating func handle(_ event: Event, at now: Timestamp) -> [Effect] {
        switch event {
        case .operatorAsked(let request):
            guard round == nil else { return [] }
            var round = Round(settings: settings, policies: policies, calendar: calendar)
            if case .explain(let vmid) = request { round.explaining = vmid }
            let effects = round.begin(at: now)
            self.round = round
            return effects
        case .observed(let observation): return advance { $0.observed(observation, at: now) }
        case .woke(let wake): return advance { $0.woke(wake, at: now) }
        case .stop:
            round = nil
            return []
        }
    }

    private mutating func advance(_ step: (inout Round) -> [Effect]) -> [Effect] {
        // An answer that comes after its round has ended is of no use to anybody.
        guard var round else { return [] }
        let effects = step(&round)
        self.round = round.isOver ? nil : round
        return effects
    }
}
