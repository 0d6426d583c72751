import Core
import Curl

/// The desired state that a round has begun with. What it says of a row has been looked at, or the round that runs looks at it.
final class LastDesired: Sendable {
    private struct State: Sendable {
        var desired: DesiredState?
        var readings = 0
    }

    private let state = Locked(State())

    /// What was read before is let go of: two at a time would be twice the memory, and whatever comes of this is newer.
    func readingBegins() {
        state.withLock { state in
            state.readings += 1
            state.desired = nil
        }
    }

    /// - Parameter desired: nil where it could not be read: then nothing is known to be the same.
    func readingEnded(_ desired: DesiredState?) {
        state.withLock { state in
            state.readings -= 1
            state.desired = desired
        }
    }

    /// Nothing came of the round that has read it.
    func forget() { state.withLock { $0.desired = nil } }

    /// Whether it says the same. Never while it is being read: what comes of that may be older than a change.
    func says(_ slices: [VMID: DesiredSlice]) -> Bool {
        let desired = state.withLock { $0.readings == 0 ? $0.desired : nil }
        guard let desired else { return false }
        return slices.allSatisfy { vmid, slice in DesiredSlice(vmid, in: desired) == slice }
    }
}

/// Looks as another does, and remembers the desired state of the first look. What only the second has read was not looked at: no
/// agent was asked for a server that became active in between.
struct RememberingObservers: Observers {
    let observers: any Observers
    let last: LastDesired

    func observe(_ look: Look) async -> Observation {
        guard look.plane == .database, look.number == 1 else { return await observers.observe(look) }
        last.readingBegins()
        let observation = await observers.observe(look)
        var desired: DesiredState?
        if case .desired(.success(let read)) = observation.content { desired = read }
        last.readingEnded(desired)
        return observation
    }
}
