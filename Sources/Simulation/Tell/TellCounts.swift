extension TellSimulation {
    /// What happened in a run, counted.
    package struct Counts: Equatable, Sendable, CustomStringConvertible {
        package var incidents = 0
        package var requests = 0
        package var shown = 0
        package var edits = 0
        package var crashes = 0
        package var lostAnswers = 0
        package var repeats = 0
        package var takeovers = 0
        package var limited = 0
        /// Answers after which the webhook was said to take nothing.
        package var troubled = 0

        package init() {}

        package static func += (a: inout Counts, b: Counts) {
            a.incidents += b.incidents
            a.requests += b.requests
            a.shown += b.shown
            a.edits += b.edits
            a.crashes += b.crashes
            a.lostAnswers += b.lostAnswers
            a.repeats += b.repeats
            a.takeovers += b.takeovers
            a.limited += b.limited
            a.troubled += b.troubled
        }

        package var description: String {
            "\(incidents) incidents, \(requests) requests, \(shown) messages shown, \(edits) edits; \(crashes) crashes, "
                + "\(takeovers) takeovers, \(lostAnswers) lost answers, \(repeats) repeats that say so, "
                + "\(limited) times limited, \(troubled) answers of a webhook that takes nothing"
        }
    }
}
