import Core
import Curl
import Testing

@testable import Platform

/// What Cloudflare refuses to all is not asked for again and again, once for each record.
@Suite struct CircuitTests {
    private static let limited = answer("429 Too Many Requests", "", headers: ["Retry-After: 40"])

    private static func refused(_ status: String, _ code: Int) -> String {
        answer(
            status, #"{"success":false,"errors":[{"code":\#(code),"message":"no"}],"messages":[],"result":null}"#)
    }

    /// What is refused, whether anything else is sent after it, and whether a record that is there is corrected.
    @Test(arguments: [
        (limited, false, false), (refused("403 Forbidden", 10000), false, false),
        (refused("401 Unauthorized", 9109), false, false), (refused("400 Bad Request", 81045), false, true),
        (refused("400 Bad Request", 9000), true, true), (refused("403 Forbidden", 1234), true, true),
        (answer("503 Service Unavailable", ""), true, true),
    ])
    func aRefusalOfAllIsHeard(_ said: String, _ creates: Bool, _ corrects: Bool) async throws {
        let sink = CloudflareSink()
        let server = try SinkServer(sink, .create, .write(.answers(said)))
        defer { server.stop() }
        let hand = sink.hand(at: server.port)
        _ = await hand.write(sink.write(.create), timeout: .seconds(20))
        #expect(server.changes.count == 1)
        _ = await hand.write(sink.write(.create), timeout: .seconds(20))
        #expect(server.changes.count == (creates ? 2 : 1))
        let sent = server.changes.count
        let answer = await hand.write(sink.write(.correct), timeout: .seconds(20))
        #expect((server.changes.count > sent) == corrects)
        if !corrects {
            guard case .turnedAway(let why) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(why.hasPrefix("nothing was sent: Cloudflare refused another request ("))
        }
        #expect((await hand.obstacle(creates: false, within: .seconds(1)) == nil) == corrects)
        #expect((await hand.obstacle(creates: true, within: .seconds(1)) == nil) == creates)
    }

    @Test func itIsLeftAloneForAsLongAsItSays() {
        let start = ContinuousClock.now
        let circuit = CloudflareCircuit()
        var fault = CloudflareFault(.rateLimited, "429")
        fault.isForAll = true
        for (said, span) in [(nil, 300), (Duration.seconds(40), 340), (.seconds(99_999), 3940)] {
            fault.retryAfter = said
            let from = start + .seconds(span - (said == nil ? 300 : said == .seconds(40) ? 40 : 3600))
            circuit.note(fault, at: from)
            for part in CloudflareCircuit.Part.allCases {
                #expect(circuit.obstacle(to: part, at: start + .seconds(span - 1)) != nil)
                #expect(circuit.obstacle(to: part, at: start + .seconds(span)) == nil)
            }
        }
    }

    /// A look is asked for no more than a write is, and nothing is sent for it.
    @Test(arguments: [
        (limited, false), (refused("403 Forbidden", 10000), true), (refused("401 Unauthorized", 9109), false),
        (refused("400 Bad Request", 81045), true), (answer("503 Service Unavailable", ""), true),
    ])
    func whatAWriteIsRefusedALookIsSpared(_ said: String, _ looks: Bool) async throws {
        let sink = CloudflareSink()
        let server = try SinkServer(sink, .create, .write(.answers(said)))
        defer { server.stop() }
        let hand = sink.hand(at: server.port)
        _ = await hand.write(sink.write(.create), timeout: .seconds(20))
        let sight = await hand.look(at: "mc-paper-5001.example.net", timeout: .seconds(20))
        if case .unreadable(let why) = sight {
            #expect(!looks && why.contains("nothing was asked: Cloudflare refused another request ("), "\(why)")
        } else {
            #expect(looks)
        }
    }

    /// The look that a write makes by itself, right before its request.
    @Test(arguments: [(limited, true), (refused("401 Unauthorized", 9109), true), (answer("404 Not Found", ""), false)])
    func aWriteWhoseOwnLookIsRefusedToAllIsNoAttempt(_ said: String, _ isTurnedAway: Bool) async throws {
        let sink = CloudflareSink()
        let server = try SinkServer(sink, .create, .read(.answers(said)))
        defer { server.stop() }
        let answer = await sink.hand(at: server.port).write(sink.write(.create), timeout: .seconds(20))
        switch answer {
        case .turnedAway: #expect(isTurnedAway)
        case .refused: #expect(!isTurnedAway)
        default: Issue.record("\(answer)")
        }
        #expect(server.changes.isEmpty)
    }

    /// Of a lock-out after too many refused credentials it says itself that it lasts.
    @Test func aLockOutIsLeftAloneForLong() {
        let start = ContinuousClock.now
        for (isLockedOut, span) in [(false, 300), (true, 3600)] {
            let circuit = CloudflareCircuit()
            var fault = CloudflareFault(.unauthorized, "401")
            (fault.isForAll, fault.isLockedOut) = (true, isLockedOut)
            circuit.note(fault, at: start)
            #expect(circuit.obstacle(to: .all, at: start + .seconds(span - 1))?.code == .unauthorized)
            #expect(circuit.obstacle(to: .all, at: start + .seconds(span)) == nil)
        }
    }

    /// A shorter term that is heard meanwhile neither ends the longer one nor takes its reason away.
    @Test func theLongerTermStandsWithItsReason() {
        let start = ContinuousClock.now
        let circuit = CloudflareCircuit()
        var locked = CloudflareFault(.unauthorized, "401")
        (locked.isForAll, locked.isLockedOut) = (true, true)
        var limited = CloudflareFault(.rateLimited, "429")
        (limited.isForAll, limited.retryAfter) = (true, .seconds(40))
        circuit.note(locked, at: start)
        circuit.note(limited, at: start + .seconds(5))
        #expect(circuit.obstacle(to: .all, at: start + .seconds(10))?.code == .unauthorized)
        #expect(circuit.obstacle(to: .all, at: start + .seconds(3599)) != nil)
    }

    @Test(arguments: [(179, nil), (180, 200), (200, 200), (201, nil), (900, 1000), (3150, 3500), (3501, nil)])
    func aQuotaIsWarnedOfBeforeItIsUsedUp(_ records: Int, _ quota: Int?) {
        #expect(CloudflareQuota.near(records) == quota)
    }

    /// What this process refuses itself says nothing of Cloudflare.
    @Test func whatWasNotAskedOpensNothing() {
        let circuit = CloudflareCircuit()
        circuit.note(CloudflareFault(.rateLimited, "not asked for"))
        #expect(circuit.obstacle(to: .creates) == nil)
    }
}
