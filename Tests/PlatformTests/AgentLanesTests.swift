import Core
import Curl
import Foundation
import Testing

@testable import Platform

/// The dead never delay the living: by counting, not by the clock.
@Suite struct AgentLanesTests {
    /// Agents without a network: the dead ones hang in the slow lane until every living one has been read.
    private final class Field: Sendable {
        struct State: Sendable {
            var living = 0
            var asked: [UInt32: Int] = [:]
            var running = 0
            var most = 0
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        private let state = Locked(State())
        private let livingTotal: Int
        private let isDead: @Sendable (UInt32) -> Bool

        init(livingTotal: Int, isDead: @escaping @Sendable (UInt32) -> Bool) {
            self.livingTotal = livingTotal
            self.isDead = isDead
        }

        var asked: [UInt32: Int] { state.withLock { $0.asked } }
        var most: Int { state.withLock { $0.most } }

        func send(_ request: HTTPRequest, _ address: UInt32) async -> Result<HTTPResponse, HTTPFailure> {
            state.withLock { state in
                state.asked[address, default: 0] += 1
                state.running += 1
                state.most = max(state.most, state.running)
            }
            defer { state.withLock { $0.running -= 1 } }
            guard isDead(address) else {
                let released = state.withLock { state in
                    state.living += 1
                    guard state.living == livingTotal else { return [CheckedContinuation<Void, Never>]() }
                    defer { state.waiting = [] }
                    return state.waiting
                }
                for continuation in released { continuation.resume() }
                return .success(HTTPResponse(status: 200, body: Array(#"{"state":"running","ready":true}"#.utf8)))
            }
            if request.timeout > AgentObserver.fastTimeout {
                // A timeout without end, as far as the living are concerned.
                await withCheckedContinuation { continuation in
                    let goesOn = state.withLock { state in
                        if state.living < livingTotal { state.waiting.append(continuation) }
                        return state.living >= livingTotal
                    }
                    if goesOn { continuation.resume() }
                }
            }
            return .failure(HTTPFailure(.timeout, "hangs"))
        }
    }

    private func targets(_ count: Int) throws -> [AgentTarget] {
        try (0..<count).map { index in
            AgentTarget(
                key: InstanceKey(
                    vmid: try #require(VMID(5000 + index)), externalID: ExternalID(high: 0, low: UInt64(index))),
                address: "10.70.\(index / 250).\(index % 250 + 1)")
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [4, 16, 256])
    func ofThreeHundredThirtyPercentHang(_ concurrency: Int) async throws {
        // Of every ten, three hang; the slow lane is full of them long before the last living one has had its turn.
        let isDead: @Sendable (UInt32) -> Bool = { $0 % 10 < 3 }
        let targets = try targets(300)
        let addresses = targets.compactMap { DNSName.ipv4($0.address) }
        let dead = addresses.count(where: isDead)
        let field = Field(livingTotal: 300 - dead, isDead: isDead)
        let observer = AgentObserver(
            scheme: "http", port: 18888, token: Secret("t"), mayAsk: { _ in true }, timeout: .seconds(2),
            budget: .seconds(3600), concurrency: concurrency,
            send: { request, address, _ in await field.send(request, address) },
            now: { Timestamp(seconds: 7) })
        let reading = try await observer.read(targets).get()

        #expect(reading.polls.map(\.target) == targets)
        for (poll, address) in zip(reading.polls, addresses) {
            #expect((poll.answer == .failed(.timeout)) == isDead(address))
            #expect(field.asked[address] == (isDead(address) ? 2 : 1))
        }
        #expect((80...100).contains(dead))
        #expect(field.most <= 2 * concurrency)
    }

    @Test func whoHasNoTimeLeftIsNotReadRatherThanSilent() async throws {
        let field = Field(livingTotal: 0, isDead: { _ in true })
        let observer = AgentObserver(
            scheme: "http", port: 18888, token: Secret("t"), mayAsk: { _ in true }, timeout: .seconds(2),
            budget: .seconds(1), concurrency: 4, send: { request, address, _ in await field.send(request, address) },
            now: { Timestamp(seconds: 7) })
        let reading = try await observer.read(try targets(20)).get()
        #expect(reading.polls.allSatisfy { $0.answer == .failed(.notRead) })
    }

    /// No clock runs: what each poll waits for is written down, and it goes on at once.
    @Test func pollsBeginEvenlyOverTheTimeThatIsGiven() async throws {
        let waits = Locked([Duration]())
        let observer = AgentObserver(
            scheme: "http", port: 18888, token: Secret("t"), mayAsk: { _ in true }, timeout: .seconds(2),
            budget: .minutes(200), concurrency: 8,
            send: { _, _, _ in .success(HTTPResponse(status: 200, body: Array(#"{"state":"running"}"#.utf8))) },
            pause: { span in waits.withLock { $0.append(span) } }, now: { Timestamp(seconds: 7) })
        let over = Span.minutes(100)
        let reading = try await observer.read(try targets(100), over: over).get()
        #expect(reading.polls.allSatisfy { if case .status = $0.answer { true } else { false } })
        let begun = waits.withLock { $0 }.sorted()
        // The first one waits for nothing; each of the others for its own minute, less what the test took.
        #expect(begun.count == 99)
        for (index, wait) in begun.enumerated() {
            let turn = Duration.seconds(60 * (index + 1))
            #expect(wait <= turn && wait > turn - .seconds(50))
        }
        waits.withLock { $0 = [] }
        _ = try await observer.read(try targets(100)).get()
        #expect(waits.withLock { $0 } == [], "an audit waits for nobody")
    }

    /// However slow one agent may be, the last one has its whole time before a round's first look ends.
    @Test(arguments: [100, 2000, 10_000, 14_000, 24_000, 40_000] as [Int64])
    func aReadingThatTakesItsTimeEndsWithinTheFirstLook(milliseconds: Int64) {
        let timeout = Span.milliseconds(milliseconds)
        // One slow agent, and a second.
        let one = Span.milliseconds(milliseconds + 1000)
        let budget = max(Span.seconds(15), one)
        for seconds in [0, 5, 10, 20] as [Int64] {
            let time = ReadingTime(over: .seconds(seconds), budget: budget, timeout: timeout)
            #expect(time.whole >= budget && time.whole <= max(budget, .seconds(25)))
            #expect(time.over <= .seconds(seconds))
            #expect(time.whole.microseconds >= time.over.microseconds + one.microseconds)
            // What is usual is not cut short.
            if timeout <= .seconds(4) { #expect(time.over == .seconds(seconds)) }
        }
    }

    @Test func versionsAreAskedForWithoutTheTokenAndAFewAtOnce() async throws {
        let field = Field(livingTotal: 50, isDead: { _ in false })
        let sent = Locked([HTTPRequest]())
        let targets = try targets(50)
        let outside = targets[7].address
        let observer = AgentObserver(
            scheme: "http", port: 18888, token: Secret("t"), mayAsk: { $0 != outside }, timeout: .seconds(2),
            budget: .seconds(3600), concurrency: 8,
            send: { request, address, _ in
                sent.withLock { $0.append(request) }
                _ = await field.send(request, address)
                let body = address % 5 == 0 ? #"{"version":7}"# : #"{"version":"1.9\u001b[31m.2"}"#
                return .success(HTTPResponse(status: 200, body: Array(body.utf8)))
            }, now: { Timestamp(seconds: 7) })
        let versions = await observer.versions(targets)
        #expect(versions.map(\.target) == targets && field.most <= 16)
        #expect(sent.withLock { $0 }.allSatisfy { $0.headers.isEmpty && $0.url.hasSuffix(":18888/version") })
        #expect(sent.withLock { $0 }.count == 49)
        for (target, version) in versions {
            let address = try #require(DNSName.ipv4(target.address))
            switch version {
            case .success(let text): #expect(text == "1.9[31m.2" && address % 5 != 0)
            case .failure(let failure):
                #expect(failure.code == (target.address == outside ? .outsideNetworks : .malformed))
            }
        }
    }

    /// Thousands that hang would keep `doctor` for as many times their timeout: who cannot be waited for is not asked.
    @Test func versionsAreAskedForWithinATime() async throws {
        let asked = Locked(0)
        let targets = try targets(6000)
        func versions(timeout: Span) async -> Int {
            let observer = AgentObserver(
                scheme: "http", port: 18888, token: Secret("t"), mayAsk: { _ in true }, timeout: timeout,
                budget: .seconds(3600), concurrency: 8,
                send: { _, _, _ in
                    asked.withLock { $0 += 1 }
                    return .failure(HTTPFailure(.timeout, "hangs"))
                }, now: { Timestamp(seconds: 7) })
            return await observer.versions(targets, within: .seconds(3600)).count
        }
        // There is time for the first of them, and for none after those.
        #expect(await versions(timeout: .seconds(3600)) == 16)
        #expect(asked.withLock { $0 } == 16)
        #expect(await versions(timeout: .seconds(2)) == 6000)
    }

    @Test func theLanesKeepTheirLimits() {
        var lanes = PollLanes(count: 5, limit: 2)
        let first = [lanes.next(), lanes.next(), lanes.next()]
        #expect(first.map { $0?.index } == [0, 1, nil])
        lanes.ended(PollLanes.Start(index: 0, lane: .fast), isLate: true)
        lanes.ended(PollLanes.Start(index: 1, lane: .fast), isLate: true)
        // Both places of the fast lane are free again, and the slow lane has its own.
        let second = [lanes.next(), lanes.next(), lanes.next(), lanes.next(), lanes.next()]
        #expect(
            second == [
                .init(index: 2, lane: .fast), .init(index: 3, lane: .fast), .init(index: 0, lane: .slow),
                .init(index: 1, lane: .slow), nil,
            ])
        lanes.ended(PollLanes.Start(index: 0, lane: .slow), isLate: true)
        #expect(lanes.next() == nil, "who was asked twice is not asked again")
        lanes.ended(PollLanes.Start(index: 2, lane: .fast), isLate: false)
        #expect(lanes.next() == .init(index: 4, lane: .fast))
    }

    @Test func aPoolForAFewHosts() {
        let room = AgentClients.Room(files: 65_536, concurrency: 256)
        #expect([0, 1, 64, 65, 128, 129, 10_000].map(room.pools) == [1, 1, 1, 2, 2, 4, 256])
        #expect([20_000, 1_000_000].map(room.pools) == [256, 256])
        let small = AgentClients.Room(files: 1024, concurrency: 256)
        #expect([64, 65, 129, 20_000].map(small.pools) == [1, 2, 3, 3])
    }

    @Test func keptConnectionsLeaveDescriptorsForEverythingElse() {
        for files in [1024, 4096, 65_536] {
            let room = AgentClients.Room(files: files, concurrency: 256)
            let taken = room.kept + 2 * room.pools(for: .max / 4) + 2 * 256
            #expect(taken <= files - 256 && taken > files - 400)
            #expect(room.pools(for: .max / 4) <= room.kept)
        }
        // More are asked at once than there are descriptors: nothing is kept for nobody.
        #expect(AgentClients.Room(files: 256, concurrency: 4096).kept == 1)
        #expect(AgentClients.Room(files: 256, concurrency: 4096).pools(for: 20_000) == 1)
    }
}
