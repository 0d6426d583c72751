import Core
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Runtime

/// A listener that never works was silent: changes waited for a cycle, and nothing said so.
@Suite("Who hears of changes")
struct ChangeEarTests {
    private struct Patient: RoundClock {
        func now() -> Timestamp { Fleet.now }
        func sleep(until moment: Timestamp) async {}
    }

    private struct Refused: Error, CustomStringConvertible { let description: String }

    /// One answer after the other, then nothing more is asked.
    private final class Script: Sendable {
        private let left: Mutex<[Result<Set<ChangeListener.Change>, Refused>]>
        private let told = Mutex<[String]>([])

        init(_ answers: [Result<Set<ChangeListener.Change>, Refused>]) { left = Mutex(answers) }

        func next() throws -> Set<ChangeListener.Change> {
            let answer = left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            guard let answer else {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                throw CancellationError()
            }
            return try answer.get()
        }

        func note(_ text: String) { told.withLock { $0.append(text) } }
        var lines: [String] { told.withLock { $0 } }
    }

    private func told(_ answers: Result<Set<ChangeListener.Change>, Refused>...) async -> [String] {
        let script = Script(answers)
        let ear = ChangeEar(
            clock: Patient(),
            news: { news in
                switch news {
                case .hears(let again): script.note(again ? "again" : "hears")
                case .deaf(let why): script.note("deaf: \(why)")
                default: script.note("?")
                }
            }, next: { try script.next() })
        await Task { await ear.run { script.note("\($0)") } }.value
        return script.lines
    }

    private static let full = Result<Set<ChangeListener.Change>, Refused>.failure(
        Refused(description: "too many connections"))

    @Test func oneThatNeverWorksSaysSoOnce() async {
        #expect(await told(Self.full, Self.full, Self.full) == ["deaf: too many connections"])
    }

    @Test func itIsSaidWhenItWorksAgain() async {
        let all = await told(
            Self.full, Self.full, .success([.everything]), .success([]), Self.full, .success([.everything]))
        let turn = ["deaf: too many connections", "again", "everything"]
        #expect(all == turn + turn)
    }

    /// That it works, and that it is cancelled while it waits, is worth no line.
    @Test func whatIsHeardIsHandedOn() async {
        #expect(await told(.success([.everything]), .success([])) == ["hears", "everything"])
    }
}
