import Core
import Curl
import Runtime

/// What a daemon said, with the moment and the CPU time of the process at which it said it.
final class Rounds: Sendable {
    struct Heard: Sendable {
        let news: DaemonRun.News
        let at: Timestamp
        /// Of all threads of this process, in milliseconds.
        let cpu: Double
    }

    private let heard = Locked<[Heard]>([])

    func hear(_ news: DaemonRun.News) {
        let item = Heard(news: news, at: WallClock.now(), cpu: Meter.cpu())
        heard.withLock { $0.append(item) }
    }

    var all: [Heard] { heard.withLock { $0 } }

    /// The places of the begins of rounds.
    private static func begins(_ all: [Heard]) -> [Int] {
        all.indices.filter { if case .roundBegan = all[$0].news { true } else { false } }
    }

    /// How many of the last rounds in a row wrote nothing and repaired nothing.
    var quiet: Int {
        let all = all
        let begins = Rounds.begins(all)
        var count = 0
        for (begin, end) in zip(begins, begins.dropFirst()).reversed() {
            let isQuiet = all[begin..<end].allSatisfy {
                switch $0.news {
                case .journaled(let entries): entries == 0
                case .repaired, .failed: false
                default: true
                }
            }
            guard isQuiet else { break }
            count += 1
        }
        return count
    }

    /// The CPU time from the begin of each of the last rounds to that of the next, in milliseconds.
    func cpu(last count: Int) -> [Double] {
        let all = all
        let begins = Rounds.begins(all).suffix(count + 1)
        return zip(begins, begins.dropFirst()).map { all[$1].cpu - all[$0].cpu }
    }

    /// From the end of a round, when it was decided, until the claim of its first repair was written down, in milliseconds:
    /// the first byte of it went out before that.
    ///
    /// - Parameters:
    ///   - claimed: when the database wrote each intent down.
    ///   - since: of rounds that ended after this.
    func decisionToClaim(_ claimed: [String: Timestamp], since begin: Timestamp) -> [Double] {
        var spans: [Double] = []
        var decided: Timestamp?
        for item in all where item.at > begin {
            switch item.news {
            case .roundEnded: decided = item.at
            case .repaired(let intent, _):
                if let since = decided, let moment = claimed[intent.id] {
                    spans.append(Double((moment - since).microseconds) / 1000)
                }
                // The next one of the same round waits for this one, by design.
                decided = nil
            default: break
            }
        }
        return spans
    }

    /// What went wrong, for whoever has to know why a figure could not be measured.
    var troubles: [String] {
        all.compactMap { if case .failed(let why) = $0.news { why } else { nil } }
    }
}
