import Core
import Runtime

/// One line on the terminal that says what a long command waits for. Nothing when stderr is not a terminal.
actor ProgressLine {
    private var waiting: [Plane] = []
    private let isShown: Bool

    init(isShown: Bool) { self.isShown = isShown }

    nonisolated func report(_ progress: RoundRun.Progress) {
        guard isShown else { return }
        Task { await show(progress) }
    }

    func clear() { if isShown { Terminal.control("\r\u{1B}[K") } }

    private func show(_ progress: RoundRun.Progress) {
        switch progress {
        case .looking(let look): waiting.append(look.plane)
        case .looked(let look): waiting.removeAll { $0 == look.plane }
        case .waitingForSecondLook:
            Terminal.control("\r\u{1B}[Ksomething seems to be gone: looking again in \(Round.secondLookAfter)")
            return
        }
        if !waiting.isEmpty {
            Terminal.control("\r\u{1B}[Kreading \(waiting.map(\.rawValue).joined(separator: ", "))")
        }
    }
}
