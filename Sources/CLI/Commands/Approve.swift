import ArgumentParser
import Core
import Postgres

/// Which plan is answered.
struct PlanOptions: ParsableArguments {
    @OptionGroup var common: CommonOptions
    @Argument(
        help: ArgumentHelp("The plan's hash that the report shows.", valueName: "plan-hash"),
        transform: Arguments.planHash)
    var plan: String
}

/// `approve`: lets a plan that is held run once.
struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Approves a plan, once: what its mass change or a policy of level 2 holds may run.",
        discussion: """
            Writes one row of controller.approval, as the role of postgres.url: zlh_run may, zlh_audit may not. A daemon that \
            leads in mode repair and finds this very plan writes down what it covers, and repairs exactly that, within the \
            budget, until it is done or the time is over; not what repair.kinds or repair.vmids leaves out, and where that is \
            all of it the approval is not taken up. What has moved since is not repaired. Whether the plan is this one now is \
            not checked.
            """)

    @OptionGroup var about: PlanOptions
    @Option(
        name: .customLong("for"), help: ArgumentHelp("How long, such as 30m or 1h.", valueName: "span"),
        transform: Arguments.answeredFor)
    var span: Span = .minutes(60)

    func run() async throws {
        let (plan, span, by) = (about.plan, span, OperatingSystem.userName)
        let (until, _) = try await DatabaseCall.run(about.common, "the approval could not be written") {
            database, timeout throws(PostgresError) in
            try await ApprovalStore(database).answer(.approve, plan: plan, for: span, by: by, timeout: timeout)
        }
        Terminal.tell(
            "plan \(plan) is approved until \(until) by \(by); whether the plan is this one now, and whether the leader would "
                + "carry any of it out, was not checked")
    }
}

/// `reject`: says no to a plan, and takes back what was approved of it.
struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rejects a plan: it stays held, the report says by whom, and an approval of it ends.",
        discussion: """
            Writes one row of controller.approval, as the role of postgres.url. No repair that rests on an approval of this \
            plan begins after this command has ended; one that has begun comes to its end.
            """)

    @OptionGroup var about: PlanOptions
    @Option(
        name: .customLong("for"), help: ArgumentHelp("How long, such as 30m or 1d.", valueName: "span"),
        transform: Arguments.answeredFor)
    var span: Span = .minutes(1440)

    func run() async throws {
        let (plan, span, by) = (about.plan, span, OperatingSystem.userName)
        let (until, ended) = try await DatabaseCall.run(about.common, "the rejection could not be written") {
            database, timeout throws(PostgresError) in
            try await ApprovalStore(database).answer(.reject, plan: plan, for: span, by: by, timeout: timeout)
        }
        Terminal.tell("plan \(plan) is rejected until \(until) by \(by)")
        if ended > 0 { Terminal.tell("\(Words.count(ended, "earlier answer")) to it ended") }
    }
}
