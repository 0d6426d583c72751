import Core
import Curl
import Lab
import Testing
import World

@testable import Platform

/// A daemon looks at Cloudflare and writes to it within a tenth of its quota, whatever its cycle is set to.
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
        let allowance = CallAllowance(calls: 2, window: .seconds(100), words: "a tenth of Cloudflare's quota")
        #expect(allowance.take(at: Self.start, until: Self.start + .seconds(10)) == Self.start)
        for _ in 0..<5 { #expect(allowance.take(at: Self.start, until: Self.start + .seconds(10)) == nil) }
        #expect(
            allowance.take(at: Self.start, until: Self.start + .seconds(200)) == Self.start + .seconds(100))
    }

    /// A server that answers with the first page of so many records.
    private static func zone(of records: Int, pages: Int) throws -> RawServer {
        try RawServer.answering { _, _ in
            answer(
                "200 OK",
                #"{"success":true,"errors":[],"messages":[],"result":[],"result_info":{"page":1,"per_page":5000,"#
                    + #""count":\#(min(records, 5000)),"total_count":\#(records),"total_pages":\#(pages)}}"#)
        }
    }

    /// An observer with so many calls an hour.
    private static func observer(_ server: RawServer, calls: Int) -> CloudflareObserver {
        CloudflareObserver(
            url: server.url + "/client/v4", zoneID: "z1", zone: "example.net", token: Secret("t"), timeout: .seconds(5),
            client: HTTPClient(),
            allowance: CallAllowance(calls: calls, window: .seconds(3600), words: "a tenth of Cloudflare's quota"),
            now: { Timestamp(seconds: 7) })
    }

    @Test func whatIsNotAllowedIsNotAskedAndNotCalledEmpty() async throws {
        let server = try Self.zone(of: 0, pages: 1)
        let observer = Self.observer(server, calls: 2)
        #expect(try await observer.read().get().pages.count == 1)
        guard case .failure(let failure) = await observer.read() else {
            Issue.record("the second reading was not refused")
            return
        }
        #expect(failure.code == .rateLimited && failure.detail.contains("a tenth of Cloudflare's quota"))
        #expect(server.targets.count == 1)
    }

    /// The first pages of a listing that cannot come to its end would take the places that the next one waits for.
    @Test func aZoneThatHasNoRoomForAllItsPagesIsNotBegun() async throws {
        let server = try Self.zone(of: 15000, pages: 3)
        let observer = Self.observer(server, calls: 4)
        for asked in [1, 1, 1] {
            guard case .failure(let failure) = await observer.read() else {
                Issue.record("a part was taken for the zone")
                return
            }
            #expect(failure.code == .rateLimited)
            #expect(server.targets.count == asked, "how large it is was learned once, and kept")
        }
    }

    /// The budget of a minute begins thirty repairs at once, and none of them waits for a place.
    @Test func asManyRepairsAsABudgetHasFindRoomAtOnce() {
        let allowance = CallAllowance.cloudflareRepairs()
        for number in 0..<28 {
            #expect(allowance.room(for: CallAllowance.ofOneAttempt, at: Self.start) == Self.start, "repair \(number)")
            for _ in 0..<6 { #expect(allowance.take(at: Self.start, until: Self.start + .seconds(1)) == Self.start) }
        }
        #expect(allowance.room(for: CallAllowance.ofOneAttempt, at: Self.start) > Self.start)
    }

    @Test func thereIsRoomForManyOnlyAfterTheTimeOfSoMany() {
        // Half at once, and then one each hundred seconds.
        let allowance = CallAllowance(calls: 8, window: .seconds(400), words: "a tenth of Cloudflare's quota")
        #expect(allowance.room(for: 4, at: Self.start) == Self.start)
        for _ in 0..<3 { #expect(allowance.take(at: Self.start, until: Self.start + .seconds(1)) == Self.start) }
        #expect(allowance.room(for: 1, at: Self.start) == Self.start)
        #expect(allowance.room(for: 2, at: Self.start) == Self.start + .seconds(100))
        // More than ever may at once are not waited for.
        #expect(allowance.room(for: 4, at: Self.start) == Self.start + .seconds(300))
        #expect(allowance.room(for: 50, at: Self.start) == Self.start + .seconds(300))
        #expect(allowance.room(for: 4, at: Self.start + .seconds(400)) == Self.start + .seconds(400))
    }

    /// Who shares one allowance is bounded together, a write's own looks with the write.
    @Test func lookingAndWritingCountEachCall() async throws {
        let estate = Scenery.estate
        let house = LabHouse(estate: estate)
        try await house.start()
        let url = await house.cloudflareURL ?? "", token = Secret(await house.cloudflareToken)
        let client = HTTPClient()
        func pair(calls: Int) -> (CloudflareObserver, CloudflareWriter) {
            let allowance = CallAllowance(
                calls: calls, window: .seconds(360_000), words: "a tenth of Cloudflare's quota")
            return (
                CloudflareObserver(
                    url: url, zoneID: estate.zone.id, zone: estate.zone.name, token: token, timeout: .seconds(5),
                    client: client, allowance: allowance, now: { Timestamp(seconds: 7) }),
                CloudflareWriter(
                    url: url, zoneID: estate.zone.id, zone: estate.zone.name, token: token, client: client,
                    allowance: allowance)
            )
        }
        func asked() async -> Int { await house.requests.values.reduce(0, +) }
        let create = SinkWrites.write(.create, .publicDNS)

        // Nine may be sent: a listing, a look of two, a write of three, a listing.
        var (observer, writer) = pair(calls: 18)
        #expect(try await observer.read().get().pages.count == 1)
        guard case .records = await writer.look(at: Scenery.name, timeout: .seconds(5)),
            case .done(let id?, _) = await writer.write(create, timeout: .seconds(5))
        else {
            Issue.record("there was room, and it was not looked at or written")
            return
        }
        #expect(await asked() == 6)
        #expect(await house.estate.zone.records(at: Scenery.name).map(\.id) == [id])
        for _ in 0..<3 { #expect(try await observer.read().get().pages.count == 1) }
        // And now none: nothing is asked, and each says why.
        guard case .failure(let failure) = await observer.read(),
            case .unreadable(let unseen) = await writer.look(at: Scenery.name, timeout: .seconds(5)),
            case .refused(let unwritten) = await writer.write(create, timeout: .seconds(5)),
            let obstacle = await writer.obstacle(creates: true, within: .seconds(5))
        else {
            Issue.record("something was asked beyond the allowance")
            return
        }
        for said in [failure.detail, unseen, unwritten, obstacle] {
            #expect(said.contains("a tenth of Cloudflare's quota"), "\(said)")
        }
        #expect(await asked() == 9)

        // Where there is room for the look and none for the change, neither is made.
        (observer, writer) = pair(calls: 2)
        guard case .refused = await writer.write(create, timeout: .seconds(5)) else {
            Issue.record("it was written with no room for the look before it")
            return
        }
        #expect(await asked() == 9)
        #expect(await pair(calls: 120).1.obstacle(creates: true, within: .seconds(0)) == nil)
        await house.stop()
    }
}
