import Core
import Runtime
import Settings
import Synchronization

/// What is known of the daemon, for whoever asks it over HTTP.
final class StatusBook: Sendable {
    private let page: Mutex<DaemonStatus>

    init(_ configuration: Configuration) {
        let duty = Duty(configuration)
        let settings = configuration.pipelineSettings()
        page = Mutex(
            DaemonStatus(
                startedAt: ServiceClock.now(), mode: duty.mode, cycle: duty.cycle,
                unconfigured: Set(Plane.allCases.filter { !settings.isConfigured($0) }),
                webhooks: Array((configuration.discord?.webhooks ?? [:]).keys)))
    }

    func note(_ news: Herald.News) {
        page.withLock { page in
            switch news {
            case .standing(let name, let trouble, let pending):
                page.sinks[name]?.trouble = trouble
                page.sinks[name]?.pending = pending
            case .ended(let name, let outcome, _): page.sinks[name]?.outcomes[outcome, default: 0] += 1
            case .failed: page.failures += 1
            }
        }
    }

    func note(_ standing: LeadStanding) { page.withLock { $0.heard(standing, moment: BootClock.now()) } }

    func status() -> DaemonStatus { page.withLock { $0 } }

    func note(_ news: DaemonRun.News) {
        let now = WallClock.now(), moment = ServiceClock.now()
        page.withLock { page in
            switch news {
            case .tenure: break
            case .stance(let news): page.heard(news)
            case .roundBegan: page.roundBegan(moment: moment)
            case .roundGivenUp: page.givenUp += 1
            case .putOff: page.putOff += 1
            case .roundEnded(let outcome, let took): page.roundEnded(outcome, took: took, at: now, moment: moment)
            case .journaled(let count): page.wrote(count, moment: moment)
            case .failed, .unpruned: page.failures += 1
            case .clockSet: break
            case .roundTorn: page.roundTorn()
            case .hears: page.isListening = true
            case .deaf: page.isListening = false
            case .repaired(let intent, let outcome): page.repairEnded(intent, outcome, moment: moment)
            }
        }
    }
}
