import Core
import Logging
import Runtime
import Settings

/// One round against the real planes, with progress on the terminal.
enum LiveRound {
    /// Gives the outcome, and all that was seen on the way to it.
    static func run(
        _ configuration: Configuration, policies: PolicySet, logger: Logger, request: Request = .audit
    ) async throws -> (outcome: Outcome, recorder: Recorder) {
        let (clock, installation): (DatabaseClock, Installation)
        do throws(Installation.SetupError) {
            (clock, installation) = try Installation.timed(configuration)
        } catch {
            throw Failure(error.description)
        }
        _ = await clock.settle()
        let observers = Recorder(LiveObservers(installation))
        let progress = ProgressLine(isShown: Terminal.showsProgress)
        let run = AuditRun(observers: observers, clock: clock) { step in
            if case .looking(let look) = step {
                logger.debug("looking", metadata: ["plane": "\(look.plane.rawValue)", "look": "\(look.number)"])
            }
            progress.report(step)
        }
        let outcome = await run.run(
            Controller(
                settings: configuration.pipelineSettings(), policies: policies,
                calendar: RepairCalendar(policies.windows, around: clock.now())), request)
        await progress.clear()
        await installation.close()
        return (outcome, observers)
    }
}
