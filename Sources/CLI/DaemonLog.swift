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
        logger.notice(
            "leadership", metadata: ["standing": "\(Foreign.text(Words.standing(standing, at: BootClock.now())))"])
    }

    func tell(_ news: DaemonRun.News) {
        switch news {
        case .tenure, .roundBegan: break
        case .roundEnded(.desiredUnreadable(let failure), _):
            logger.error(
                "desired state unreadable, nothing is decided",
                metadata: ["code": "\(failure.code.rawValue)", "detail": "\(Foreign.text(failure.detail))"])
        case .roundEnded(.report(let report), let took):
            logger.info(
                "round ended",
                metadata: [
                    "drifts": "\(report.summary.drifts)", "unknown": "\(report.summary.unknown)", "took": "\(took)",
                    "complete": "\(report.isComplete)",
                ])
            for coverage in report.coverage where coverage.status == .failed || coverage.status == .partial {
                logger.warning(
                    "plane not seen whole",
                    metadata: [
                        "plane": "\(coverage.plane.rawValue)", "status": "\(coverage.status.rawValue)",
                        "detail": "\(Foreign.text(coverage.detail ?? ""))",
                    ])
            }
        case .journaled(let count): logger.info("changes written down", metadata: ["count": "\(count)"])
        case .failed(let why):
            logger.error("trouble with the ledger, repairs wait", metadata: ["why": "\(Foreign.text(why))"])
        case .repaired(let intent, let outcome): tell(intent, outcome)
        }
    }

    func tell(_ news: Herald.News) {
        switch news {
        case .standing: break
        case .ended(let webhook, let outcome, let why):
            var metadata: Logger.Metadata = ["webhook": "\(Foreign.text(webhook, limit: 80))"]
            if let why { metadata["why"] = "\(Foreign.text(why, limit: 500))" }
            switch outcome {
            case .posted, .edited:
                logger.info(outcome == .posted ? "message posted" : "message edited", metadata: metadata)
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
        if let operation = intent.act.operation { metadata["operation"] = "\(Foreign.text(operation.id, limit: 80))" }
        switch outcome {
        case .verified: logger.notice("repaired, and seen to be", metadata: metadata)
        case .notVerified(let why), .unknown(let why), .compensated(let why):
            metadata["why"] = "\(Foreign.text(why))"
            logger.warning("not repaired, or not seen to be; it is looked at again", metadata: metadata)
        case .refused(let why):
            metadata["why"] = "\(Foreign.text(why))"
            logger.info("nothing was done", metadata: metadata)
        }
    }

    /// The service manager cannot be reached; without it the daemon works on.
    func unheard(why: String) { logger.warning("service manager not told", metadata: ["why": "\(Foreign.text(why))"]) }

    func reloaded() { logger.notice("policies reloaded") }

    func kept(why: String) {
        logger.error("policies kept as they were", metadata: ["why": "\(Foreign.text(why, limit: 1000))"])
    }
}
