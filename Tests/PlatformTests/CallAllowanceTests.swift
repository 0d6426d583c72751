import Core
import Curl
import Testing

@testable import Platform

/// A daemon looks at Cloudflare within a tenth of its quota, whatever its cycle is set to.
@Suite struct CallAllowanceTests {
    private static let start = ContinuousClock.now

    /// Asks as often as it is let, and at least `every` apart; when each call was sent, in virtual time.
    private func calls(every: Duration, over: Duration, patience: Duration) -> [Duration] {
        let allowance = CallAllowance.cloudflare()
        var sent: [Duration] = []
        var now = Self.start
        while now - Self.start < over {
            guard let at = allowance.take(at: now, until: now + patience) else {
                now = now + every
                continue
            }
            sent.append(at - Self.start)
            now = max(now + every, at)
        }
        return sent
    }

    @Test(arguments: [10, 100, 1000, 2500, 20_000])
    func inAnyFiveMinutesThereAreAtMostAHundredAndTwenty(milliseconds: Int) throws {
        let sent = calls(every: .milliseconds(milliseconds), over: .seconds(3600), patience: .seconds(10))
        var most = 0
        for (index, first) in sent.enumerated() {
            most = max(most, sent[index...].prefix { $0 - first < .seconds(300) }.count)
        }
        #expect(most <= 120)
        // It is used, too: who asks without end gets twelve a minute.
        if milliseconds <= 2500 { #expect(most >= 115 && sent.count >= 700) }
    }

    @Test func whoAsksSeldomNeverWaits() {
        let allowance = CallAllowance.cloudflare()
        for minute in 0..<600 {
            // A zone of four pages, twice in each round.
            for _ in 0..<8 {
                let now = Self.start + .seconds(60 * minute)
                #expect(allowance.take(at: now, until: now + .seconds(10)) == now)
            }
        }
    }

    @Test func whoCannotWaitTakesNothing() throws {
        let allowance = CallAllowance(calls: 2, window: .seconds(100))
        #expect(allowance.take(at: Self.start, until: Self.start + .seconds(10)) == Self.start)
        for _ in 0..<5 { #expect(allowance.take(at: Self.start, until: Self.start + .seconds(10)) == nil) }
        #expect(
            allowance.take(at: Self.start, until: Self.start + .seconds(200)) == Self.start + .seconds(100))
    }

    @Test func whatIsNotAllowedIsNotAskedAndNotCalledEmpty() async throws {
        let server = try RawServer.answering { _, _ in
            answer(
                "200 OK",
                #"{"success":true,"errors":[],"messages":[],"result":[],"#
                    + #""result_info":{"page":1,"per_page":5000,"count":0,"total_count":0,"total_pages":1}}"#)
        }
        let observer = CloudflareObserver(
            url: server.url + "/client/v4", zoneID: "z1", zone: "example.net", token: Secret("t"), timeout: .seconds(5),
            client: HTTPClient(), allowance: CallAllowance(calls: 2, window: .seconds(3600)),
            now: { Timestamp(seconds: 7) })
        #expect(try await observer.read().get().pages.count == 1)
        guard case .failure(let failure) = await observer.read() else {
            Issue.record("the second reading was not refused")
            return
        }
        #expect(failure.code == .rateLimited && failure.detail.contains("a tenth of Cloudflare's quota"))
        #expect(server.targets.count == 1)
    }
}
