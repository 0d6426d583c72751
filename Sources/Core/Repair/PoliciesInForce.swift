/// The policies that are in force at this moment, with their windows laid out in time: asked again before each step of a repair.
package struct PoliciesInForce: Equatable, Sendable {
    package let policies: PolicySet
    package let calendar: RepairCalendar

    package init(_ policies: PolicySet, calendar: RepairCalendar) {
        self.policies = policies
        self.calendar = calendar
    }

    /// Why what was decided is not begun, or not gone on with, at this moment; nil when it is.
    package func obstacle(to intent: Intent, at now: Timestamp) -> String? {
        if let doubt = policies.brakes.staleness(of: intent.evidenceAt, at: now) { return doubt }
        if intent.policies != policies.hash { return "the policies have changed since it was decided" }
        return window(at: now)
    }

    /// Why nothing at all is changed at this moment; nil when something may be.
    package func window(at now: Timestamp) -> String? {
        calendar.deniesRepairs(at: now) ? Words.reason(.maintenanceWindow) : nil
    }
}
