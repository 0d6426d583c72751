import Core
import Logging
import Runtime
import Settings

/// What the daemon logs: messages are constant, what varies is metadata.
struct DaemonLog: Sendable {
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func started(_ configuration: Configuration) {
        logger.notice(
            "started",
            metadata: [
                "id": "\(Foreign.text(configuration.id))", "mode": "\(configuration.mode.rawValue)",
                "version": "\(Version.text)",
            ])
    }

    func tell(_ standing: LeadStanding) {
        // These wait for somebody, unlike all others.
        let level: Logger.Level =
            switch standing {
            case .lost(.schema), .rival: .error
            default: .notice
            }
        logger.log(
            level: level, "leadership",
            metadata: ["standing": "\(Foreign.text(Words.standing(standing, at: BootClock.now())))"])
    }

    func tell(_ news: DaemonRun.News) {
        switch news {
        case .tenure, .roundBegan, .roundGivenUp, .putOff: break
        case .stance(let news): tell(news)
        case .roundEnded(.desiredUnreadable(let failure, let seen), _):
            logger.error(
                "desired state unreadable, nothing is decided",
                metadata: ["code": "\(failure.code.rawValue)", "detail": "\(Foreign.text(failure.detail))"])
            tell(seen)
        case .roundEnded(.report(let report), let took):
            logger.info(
                "round ended",
                metadata: [
                    "drifts": "\(report.summary.drifts)", "unknown": "\(report.summary.unknown)", "took": "\(took)",
                    "complete": "\(report.isComplete)",
                ])
            tell(report.coverage)
        case .journaled(let count): logger.info("changes written down", metadata: ["count": "\(count)"])
        case .failed(let why):
            logger.error("trouble with the ledger, repairs wait", metadata: ["why": "\(Foreign.text(why))"])
        case .unpruned(let why):
            logger.warning("old rows stay for another hour", metadata: ["why": "\(Foreign.text(why))"])
        case .roundTorn:
            logger.warning(
                "a clock of this machine was set during a round, or the machine stood still: nothing of that round counts"
            )
        case .clockSet(let step):
            logger.warning(
                "the time of the database and of this machine part; the database's counts",
                metadata: ["step": "\(step)"])
        case .repaired(let intent, let outcome): tell(intent, outcome)
        case .hears(again: false): break
        case .hears(again: true): logger.notice("changes are heard again")
        case .deaf(let why):
            logger.warning(
                "changes are not heard, they wait for the next cycle", metadata: ["why": "\(Foreign.text(why))"])
        }
    }

    private func tell(_ coverage: [Coverage]) {
        for coverage in coverage where coverage.status == .failed || coverage.status == .partial {
            logger.warning(
                "plane not seen whole",
                metadata: [
                    "plane": "\(coverage.plane.rawValue)", "status": "\(coverage.status.rawValue)",
                    "detail": "\(Foreign.text(coverage.detail ?? ""))",
                ])
        }
    }

    private func tell(_ news: StanceNews) {
        switch news {
        case .agrees: break
        case .differs(let how):
            logger.warning("the leader works otherwise than this process", metadata: ["leader": "\(Foreign.text(how))"])
        case .tookOver(let epoch, let how):
            logger.warning(
                "taken over from a controller that worked otherwise",
                metadata: ["epoch": "\(epoch)", "now": "\(Foreign.text(how))"])
        }
    }

    func tell(_ news: Herald.News) {
        switch news {
        case .standing: break
        case .ended(let webhook, let outcome, let why):
            var metadata: Logger.Metadata = ["webhook": "\(Foreign.text(webhook, limit: 80))"]
            if let why { metadata["why"] = "\(Foreign.text(why, limit: 500))" }
            switch outcome {
            case .posted: logger.info("message posted", metadata: metadata)
            case .edited: logger.info("message edited", metadata: metadata)
            case .limited: logger.info("message waits, the webhook takes no more now", metadata: metadata)
            case .failed: logger.warning("message not sent, it stays in the database", metadata: metadata)
            case .dropped: logger.error("message refused twice and given up", metadata: metadata)
            }
        case .failed(let why):
            logger.error("trouble with the outbox, messages wait", metadata: ["why": "\(Foreign.text(why))"])
        }
    }

    private func tell(_ intent: Intent, _ outcome: RepairOutcome) {
        var metadata: Logger.Metadata = [
            "action": "\(intent.act.action.rawValue)", "drift": "\(intent.drift.id)", "attempt": "\(intent.attempt)",
            "vmid": "\(intent.drift.vmid?.description ?? "-")",
            "hostname": "\(Foreign.text(intent.drift.hostname ?? "-", limit: 63))",
        ]
        switch intent.act {
        case .clearStaleOperationLock(let operation), .failStuckOperation(let operation, _):
            metadata["operation"] = "\(Foreign.text(operation.id, limit: 80))"
        case .edgeRepublish(let grounds):
            metadata["plane"] = "\(grounds.change.plane.rawValue)"
            metadata["record"] = "\(Foreign.text(grounds.change.name, limit: 255))"
            metadata["change"] = "\(Foreign.text(grounds.change.told))"
        }
        switch outcome {
        case .verified: logger.notice("repaired, and seen to be", metadata: metadata)
        case .notVerified(let why), .unknown(let why):
            metadata["why"] = "\(Foreign.text(why))"
            logger.warning("not repaired, or not seen to be", metadata: metadata)
        case .compensated(let why):
            metadata["why"] = "\(Foreign.text(why))"
            logger.warning("done and taken back: it is not wanted any more", metadata: metadata)
        case .refused(let why):
            metadata["why"] = "\(Foreign.text(why))"
            logger.info("not carried out", metadata: metadata)
        }
    }

    /// The service manager cannot be reached; without it the daemon works on.
    func unheard(why: String) { logger.warning("service manager not told", metadata: ["why": "\(Foreign.text(why))"]) }

    func reloaded() { logger.notice("policies reloaded") }

    func kept(why: String) {
        logger.error("policies kept as they were", metadata: ["why": "\(Foreign.text(why, limit: 1000))"])
    }
}
