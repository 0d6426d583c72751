/// How a check tells what it saw of a condition that is drift only once it has lasted.
extension Findings {
    /// Notes what was seen.
    ///
    /// - Returns: whether it has held for as long as its kind needs.
    mutating func saw(
        _ what: Sighting.What, of condition: LastingCondition, _ subject: @autoclosure () -> Subject,
        _ history: History,
        _ evidence: Evidence
    ) -> Bool {
        // Nearly always there is nothing to end, and a drift's id costs a hash.
        if what == .isOver && !history.remembers(condition) { return false }
        return history.hasLasted(note(what, of: condition, subject(), evidence))
    }

    /// Notes what was seen, whatever follows from it.
    @discardableResult
    mutating func note(
        _ what: Sighting.What, of condition: LastingCondition, _ subject: Subject, _ evidence: Evidence
    ) -> Sighting {
        let sighting = Sighting(
            condition: condition, what: what,
            driftID: DriftID.make(kind: condition.kind, subject: subject, discriminator: ""), at: evidence.observedAt)
        sightings.append(sighting)
        return sighting
    }

    /// Notes that it certainly does not hold.
    mutating func sawEnd(
        of condition: LastingCondition, _ subject: @autoclosure () -> Subject, _ history: History, _ evidence: Evidence
    ) {
        _ = saw(.isOver, of: condition, subject(), history, evidence)
    }

    /// Notes that it could not be told: where it was told before, it has not ended.
    mutating func cannotTell(_ condition: LastingCondition, _ subject: @autoclosure () -> Subject, _ history: History) {
        if !history.remembers(condition) && history.open.isEmpty { return }
        sightings.append(
            Sighting(
                condition: condition, what: .unknown,
                driftID: DriftID.make(kind: condition.kind, subject: subject(), discriminator: ""),
                at: Timestamp(microseconds: 0)))
    }
}

extension Report {
    /// Ids of drifts of which this round could not tell whether they have ended.
    var untold: Set<String> { Set(sightings.lazy.filter { $0.what == .unknown }.map(\.driftID)) }
}
