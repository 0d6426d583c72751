import Curl
import Glibc

/// Answers reads well and misbehaves at the request that changes something, or the other way round.
struct SinkServer: Sendable {
    private struct State: Sendable {
        var changes: [FormServer.Call] = []
        var reads = 0
        var server: RawServer?
    }

    let port: UInt16
    private let state = Locked(State())

    /// All requests that would have changed something, whatever they were answered.
    var changes: [FormServer.Call] { state.withLock { $0.changes } }

    init(_ witness: any SinkWitness, _ verb: Verb, _ misconduct: Misconduct) throws {
        let state = state
        let server = try RawServer { connection in
            while let call = connection.call() {
                let isChange = witness.isChange(call)
                let reads = state.withLock { state in
                    if isChange { state.changes.append(call) } else { state.reads += 1 }
                    return state.reads
                }
                switch (misconduct, isChange) {
                case (.write(let serving), true), (.read(let serving), false):
                    guard serving.perform(connection) else { return }
                case (.reads(let answer), false): guard connection.send(answer(call, verb)) else { return }
                case (.writeRefused, false) where reads == witness.reads(verb):
                    state.withLock { $0.server }?.stopListening()
                    guard connection.send(witness.reading(call, verb)) else { return }
                case (_, true): return
                case (_, false): guard connection.send(witness.reading(call, verb)) else { return }
                }
            }
        }
        state.withLock { $0.server = server }
        port = server.port
    }

    func stop() {
        state.withLock { state in
            state.server?.stop()
            state.server = nil
        }
    }
}
