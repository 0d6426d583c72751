/// How one webhook is.
package struct SinkStatus: Equatable, Sendable {
    package enum Outcome: String, CaseIterable, Sendable {
        case posted, edited, limited, failed, dropped
    }

    /// Why it takes nothing; nil while it does.
    package var trouble: String?
    /// Incidents that it is still to be told of.
    package var pending = 0
    package var outcomes: [Outcome: Int] = [:]

    package init() {}
}

extension DaemonStatus {
    /// Why people are not told; nil while they are. It holds back no repair, so it makes nothing unready.
    package var untold: String? {
        let troubles = sinks.sorted { $0.key < $1.key }.compactMap { name, sink in
            sink.trouble.map { "webhook \(name): \($0)" }
        }
        return troubles.isEmpty ? nil : troubles.joined(separator: "; ")
    }
}
