import Core
import Runtime
import Synchronization
import TestSupport
import Testing

/// What a service manager hears.
@Suite("A service's voice")
struct NotifyTests {
    private static let start = Fleet.now

    private static func fresh() -> DaemonStatus {
        DaemonStatus(startedAt: moment(0), mode: .dryRun, cycle: .seconds(60))
    }

    private static func moment(_ seconds: Int64) -> Moment { Moment(microseconds: seconds * 1_000_000) }

    @Test(arguments: [true, false])
    func whatIsSaidArrives(isAbstract: Bool) throws {
        let listener = try NotifyListener(isAbstract: isAbstract)
        let socket = try #require(try NotifySocket(environment: ["NOTIFY_SOCKET": listener.name]))
        try socket.send(["READY=1", "STATUS=ä line"])
        try socket.send(["WATCHDOG=1"])
        #expect(try listener.next() == ["READY=1", "STATUS=ä line"])
        #expect(try listener.next() == ["WATCHDOG=1"])
    }

    @Test func nobodyListensWhereNothingIsNamed() throws {
        #expect(try NotifySocket(environment: [:]) == nil)
        #expect(try NotifySocket(environment: ["NOTIFY_SOCKET": ""]) == nil)
    }

    @Test(arguments: ["vsock:2:1", "relative", "/" + String(repeating: "x", count: 200), "/a\0b"])
    func aNameThatIsNoSocketIsToldAtOnce(name: String) {
        #expect(throws: NotifySocket.Failure.self) { try NotifySocket(environment: ["NOTIFY_SOCKET": name]) }
    }

    @Test func aServiceManagerThatIsGoneIsAnErrorAndNoMore() throws {
        let socket = try #require(try NotifySocket(environment: ["NOTIFY_SOCKET": "/tmp/zlh-nobody-is-here"]))
        #expect(throws: NotifySocket.Failure.self) { try socket.send(["READY=1"]) }
    }

    @Test func readyIsSaidOnceWhenTheFirstRoundHasEnded() {
        var notices = ServiceNotices(environment: [:], pid: 1)
        var status = Self.fresh()
        #expect(notices.due(status, moment: Self.moment(0)).allSatisfy { $0.hasPrefix("STATUS=") })
        status.roundBegan(moment: Self.moment(0))
        #expect(notices.due(status, moment: Self.moment(1)) == [])
        // Even when it came to nothing: a restart would not bring the database back.
        status.roundEnded(
            .desiredUnreadable(ReadFailure(.refused, "nobody answers", at: Self.start)), took: .seconds(1),
            at: Self.start, moment: Self.moment(0))
        let said = notices.due(status, moment: Self.moment(2))
        #expect(said.first == "READY=1")
        #expect(said.last?.contains("nobody answers") == true)
        #expect(notices.due(status, moment: Self.moment(3)) == [])
    }

    @Test func theWatchdogIsFedWhileTheLoopMovesAndByNothingElse() {
        var notices = ServiceNotices(environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"], pid: 7)
        #expect(notices.feedEvery == .seconds(10))
        var status = Self.fresh()
        status.roundBegan(moment: Self.moment(0))
        func isFed(after seconds: Int64) -> Bool {
            notices.due(status, moment: Self.moment(seconds)).contains("WATCHDOG=1")
        }
        #expect(isFed(after: 0) && !isFed(after: 9) && isFed(after: 10) && isFed(after: 25))
        // A round that never ends: cycle and two minutes are over, and this process still runs and asks.
        #expect(isFed(after: 180) && !isFed(after: 181) && !isFed(after: 500))
        #expect(
            notices.due(status, moment: Self.moment(700)).first?.contains(
                "STATUS=no round has begun or ended") == true)
        // Nor does it move when one begins after the other and none ends.
        status.roundBegan(moment: Self.moment(710))
        #expect(!isFed(after: 711))
        status.roundEnded(
            .desiredUnreadable(ReadFailure(.refused, "x", at: Self.start)), took: .seconds(1), at: Self.start,
            moment: Self.moment(720))
        #expect(isFed(after: 721))
    }

    /// Restarting what works is harm, and so is leaving alone what hangs: neither follows from a clock that somebody set.
    @Test(arguments: [Span.minutes(-600), .minutes(600)])
    func aClockThatIsSetSaysNothingOfProgress(step: Span) {
        var notices = ServiceNotices(environment: ["WATCHDOG_USEC": "30000000"], pid: 7)
        var status = Self.fresh()
        func ended(at seconds: Int64, by clock: Timestamp) {
            status.roundEnded(
                .desiredUnreadable(ReadFailure(.refused, "x", at: clock)), took: .seconds(1), at: clock,
                moment: Self.moment(seconds))
        }
        func isFed(after seconds: Int64) -> Bool {
            notices.due(status, moment: Self.moment(seconds)).contains("WATCHDOG=1")
        }
        ended(at: 10, by: Self.start + .seconds(10))
        #expect(isFed(after: 10))
        // Set while it waits for its next round: that one is not due yet, and comes.
        ended(at: 70, by: Self.start + step + .seconds(70))
        #expect(isFed(after: 70) && isFed(after: 200))
        #expect(status.standstill(moment: Self.moment(250)) == nil)
        // And from then on it hangs, whatever the clock of the wall says.
        #expect(!isFed(after: 251) && status.standstill(moment: Self.moment(251)) != nil)
    }

    @Test func longRepairsAreProgress() throws {
        var status = Self.fresh()
        status.roundBegan(moment: Self.moment(0))
        let drift = OpenDrift(
            id: "1", kind: .operationStale, vmid: nil, externalID: nil, hostname: nil, level: .automatic,
            action: .clearStaleOperationLock, verdict: .repair, reason: .policyMatched, since: Self.start)
        var fleet = Fleet()
        fleet.addOperation("op", .backup, vmid: 5001, status: .running)
        let intent = Intent(
            drift: drift, act: .clearStaleOperationLock(try #require(fleet.operations.first)), attempt: 1, epoch: 1,
            cycle: 1, policies: "", evidenceAt: Self.start)
        status.repairEnded(intent, .verified, moment: Self.moment(170))
        #expect(status.standstill(moment: Self.moment(300)) == nil)
        #expect(status.standstill(moment: Self.moment(351)) != nil)
    }

    @Test(arguments: [
        [:], ["WATCHDOG_USEC": "0"], ["WATCHDOG_USEC": "x"], ["WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "8"],
    ])
    func whoHasNoWatchdogFeedsNone(environment: [String: String]) {
        var notices = ServiceNotices(environment: environment, pid: 7)
        #expect(notices.feedEvery == nil)
        #expect(!notices.due(Self.fresh(), moment: Self.moment(0)).contains("WATCHDOG=1"))
    }

    @Test func aReloadBeforeTheServiceIsReadyDoesNotMakeItReady() {
        var notices = ServiceNotices(environment: [:], pid: 1)
        #expect(notices.reloading(at: 5) == [] && notices.reloaded(trouble: nil) == [])
        var status = Self.fresh()
        status.roundEnded(
            .desiredUnreadable(ReadFailure(.refused, "x", at: Self.start)), took: .seconds(1),
            at: Self.start, moment: Self.moment(0))
        _ = notices.due(status, moment: Self.moment(0))
        #expect(notices.reloading(at: 5) == ["RELOADING=1", "MONOTONIC_USEC=5"])
        #expect(notices.reloaded(trouble: nil) == ["READY=1"])
        // One assignment is one line, whatever the trouble says.
        #expect(
            notices.reloaded(trouble: "10.yaml\nREADY=0") == [
                "READY=1", "STATUS=policies kept as they were: 10.yaml\\u{a}READY=0",
            ])
        // A good one ends that.
        #expect(notices.reloaded(trouble: nil) == ["READY=1"])
        #expect(
            notices.due(status, moment: Self.moment(2)).map { $0.prefix(16) } == ["STATUS=dry-run: "])
    }

    @Test func aVoiceSaysAllOfItAndThatItStopsLast() async throws {
        let listener = try NotifyListener(isAbstract: true)
        // It looks by itself each second, and may have something new to say between any two steps of this test.
        func next() throws -> [String] {
            while true {
                let lines = try listener.next()
                if !lines.allSatisfy({ $0.hasPrefix("STATUS=") }) { return lines }
            }
        }
        let environment = ["NOTIFY_SOCKET": listener.name, "WATCHDOG_USEC": "60000000"]
        let socket = try #require(try NotifySocket(environment: environment))
        let page = Mutex(DaemonStatus(startedAt: ServiceClock.now(), mode: .repair, cycle: .seconds(60)))
        page.withLock {
            $0.roundEnded(
                .desiredUnreadable(ReadFailure(.refused, "x", at: Self.start)), took: .seconds(1), at: WallClock.now(),
                moment: ServiceClock.now())
        }
        let status = page.withLock { $0 }
        let voice = ServiceVoice(
            environment: environment, send: { lines throws(NotifySocket.Failure) in try socket.send(lines) },
            status: { status }, failed: { Issue.record("not told: \($0)") })
        let running = Task { await voice.run() }
        let first = try next()
        #expect(first.starts(with: ["READY=1", "WATCHDOG=1"]) && first.count == 3)
        try await voice.reload {}
        #expect(try next().first == "RELOADING=1")
        #expect(try next() == ["READY=1"])
        await #expect(throws: NotifySocket.Failure.self) {
            try await voice.reload { throw NotifySocket.Failure(description: "no such policy") }
        }
        #expect(try next().first == "RELOADING=1")
        #expect(try next() == ["READY=1", "STATUS=policies kept as they were: no such policy"])
        running.cancel()
        await running.value
        #expect(try next().first == "STOPPING=1")
    }

    @Test func whatWasNotHeardIsSaidAgain() async throws {
        let heard = Mutex<[[String]]>([])
        let complaints = Mutex(0)
        let isDeaf = Mutex(true)
        var status = Self.fresh()
        status.roundEnded(
            .desiredUnreadable(ReadFailure(.refused, "x", at: Self.start)), took: .seconds(1),
            at: Self.start, moment: Self.moment(0))
        let page = status
        let voice = ServiceVoice(
            environment: [:],
            send: { lines throws(NotifySocket.Failure) in
                if isDeaf.withLock({ $0 }) { throw NotifySocket.Failure(description: "nobody listens") }
                heard.withLock { $0.append(lines) }
            }, status: { page }, failed: { _ in complaints.withLock { $0 += 1 } })
        await voice.look(moment: Self.moment(0))
        await voice.look(moment: Self.moment(1))
        #expect(complaints.withLock { $0 } == 1)
        isDeaf.withLock { $0 = false }
        await voice.look(moment: Self.moment(2))
        #expect(heard.withLock { $0 }.first?.first == "READY=1")
        // The end of a reload that was lost would leave the service reloading for ever.
        isDeaf.withLock { $0 = true }
        try await voice.reload {}
        isDeaf.withLock { $0 = false }
        await voice.look(moment: Self.moment(3))
        #expect(heard.withLock { $0 }.last?.first == "READY=1")
    }
}
