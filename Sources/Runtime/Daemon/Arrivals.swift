package import Core
import Curl
import Postgres

/// What the database said has changed and nobody has taken up yet. It is heard at any time; whatever runs then takes it up: a round,
/// the pause between two repairs, or who waits for the next round. What is not taken is still there afterwards.
package final class Arrivals: Sendable {
    private struct State: Sendable {
        var changed: Changed?
        var bell: AsyncStream<Void>.Continuation?
    }

    private let state = Locked(State())

    package init() {}

    package func note(_ changed: Changed) {
        let bell = state.withLock { state in
            state.changed = changed.joined(state.changed)
            return state.bell
        }
        bell?.yield()
    }

    package func take() -> Changed? {
        state.withLock { state in
            defer { state.changed = nil }
            return state.changed
        }
    }

    /// Rings when there is something to be taken, at once where there already is. One listens at a time.
    package func listen() -> AsyncStream<Void> {
        let (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let isWaiting = state.withLock { state in
            state.bell = bell
            return state.changed != nil
        }
        if isWaiting { bell.yield() }
        return rings
    }
}

extension Changed {
    init(_ changes: Set<ChangeListener.Change>) {
        var vmids: Set<VMID> = []
        for change in changes {
            guard case .instance(let vmid) = change else {
                self = .everything
                return
            }
            vmids.insert(vmid)
        }
        self = .instances(vmids)
    }
}
