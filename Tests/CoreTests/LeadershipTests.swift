import Core
import Testing

/// The decisions one by one, with a TTL of 15 s and an act deadline of 8 s.
@Suite struct LeadershipTests {
    private var leadership: Leadership
    private var now = Moment(microseconds: 1_000_000_000)
    private let token: LockToken
    private let other: LockToken

    init() throws {
        token = LockToken(id: "detroit-1", holder: try #require(HolderID("11111111-1111-4111-8111-111111111111")))
        other = LockToken(id: "detroit-1", holder: try #require(HolderID("22222222-2222-4222-8222-222222222222")))
        leadership = Leadership(token: token, times: LeadTimes(ttl: .seconds(15), actDeadline: .seconds(8)))
    }

    private mutating func after(_ span: Span, _ event: LeadEvent) -> [LeadEffect] {
        now = now + span
        return leadership.handle(event, at: now).filter { if case .wake = $0 { false } else { true } }
    }

    private func record(_ epoch: Int64, _ holder: LockToken? = nil, closed: Bool = false) -> LeadEvent {
        .row(.read(LeadRecord(epoch: epoch, holder: holder?.holder, isClosed: closed)))
    }

    /// Takes the lock and the row; each answer takes 100 ms.
    private mutating func lead(closed: Bool) {
        #expect(after(.seconds(0), .woke) == [.readRow])
        #expect(after(.milliseconds(100), record(6, other, closed: closed)) == [.acquireLock])
        #expect(after(.milliseconds(100), .lock(.acquired)) == [.takeRow(after: 6)])
        #expect(after(.milliseconds(100), .row(.taken(epoch: 7, predecessorClosed: closed))) == [])
    }

    @Test mutating func aSuccessorWaitsForItsPredecessorsLastRequest() {
        #expect(leadership.standing(at: now) == .starting)
        lead(closed: false)
        #expect(leadership.standing(at: now) == .waiting(epoch: 7, until: now + .seconds(8)))
        #expect(leadership.beginAct(at: now) == nil)
        let start = now + .seconds(8)
        _ = after(.milliseconds(3400), .woke)
        _ = after(.milliseconds(100), .lock(.renewed))
        _ = after(.milliseconds(100), record(7, token))
        _ = after(.milliseconds(3400), .woke)
        _ = after(.milliseconds(100), .lock(.renewed))
        _ = after(.milliseconds(100), record(7, token))
        #expect(leadership.beginAct(at: Moment(microseconds: start.microseconds - 1)) == nil)
        #expect(leadership.standing(at: start) == .leading(epoch: 7, since: start))
        #expect(leadership.beginAct(at: start)?.epoch == 7)
    }

    @Test mutating func aSuccessorOfACleanStopActsAtOnce() throws {
        lead(closed: true)
        let begun = leadership.beginAct(at: now)
        let permit = try #require(begun)
        #expect(permit.until == now + .seconds(8))
        #expect(permit.holder == token.holder)
    }

    /// The lock was asked for at 100 ms and the row at 200 ms: the leases end 15 s after that, whenever the answers came.
    @Test mutating func leasesCountFromBeforeTheQuestion() {
        lead(closed: true)
        let asked = now + Span(microseconds: -200_000)
        let last = asked + .seconds(7)
        #expect(leadership.beginAct(at: last)?.until == asked + .seconds(15))
        #expect(leadership.beginAct(at: Moment(microseconds: last.microseconds + 1)) == nil)
        let end = asked + .seconds(15)
        #expect(leadership.standing(at: Moment(microseconds: end.microseconds - 1)).mayAct)
        #expect(leadership.standing(at: end) == .lost(.pause))
    }

    @Test mutating func aRenewalThatComesBackAfterALongPauseIsWorthNothing() {
        lead(closed: true)
        #expect(after(.milliseconds(3500), .woke) == [.renewLock, .readRow])
        #expect(after(.seconds(150), .lock(.renewed)) == [.releaseLock])
        #expect(leadership.standing(at: now) == .lost(.pause))
        #expect(leadership.beginAct(at: now) == nil)
    }

    @Test mutating func aLostDatabaseEndsTheTenureThoughTheLockIsKept() {
        lead(closed: true)
        _ = after(.milliseconds(3500), .woke)
        for _ in 0..<2 {
            _ = after(.milliseconds(100), .lock(.renewed))
            _ = after(.milliseconds(100), .row(.failed("connection refused")))
            _ = after(.milliseconds(3500), .woke)
        }
        _ = after(.seconds(1), .lock(.renewed))
        #expect(leadership.beginAct(at: now) == nil)
        _ = after(.milliseconds(100), .row(.failed("connection refused")))
        #expect(after(.seconds(4), .woke) == [.releaseLock])
        #expect(leadership.standing(at: now) == .lost(.database("connection refused")))
        // It looks at the database before it asks for the lock again.
        #expect(after(.milliseconds(400), .lock(.released)) == [.readRow])
        #expect(after(.milliseconds(400), .row(.failed("connection refused"))) == [])
    }

    @Test mutating func anUnknownAnswerAboutTheLockIsResolvedByItsValue() {
        _ = after(.seconds(0), .woke)
        _ = after(.milliseconds(100), record(6, closed: true))
        #expect(after(.seconds(2), .lock(.failed("no answer in time"))) == [.releaseLock])
        _ = after(.milliseconds(100), .lock(.failed("no answer in time")))
        #expect(after(.milliseconds(400), .woke) == [.readRow])
        #expect(after(.milliseconds(100), record(6, closed: true)) == [.acquireLock])
        let ours = LockHolder(.controller(token), expires: .seconds(12))
        #expect(after(.milliseconds(100), .lock(.refused(ours))) == [.renewLock])
        #expect(after(.milliseconds(100), .lock(.renewed)) == [.takeRow(after: 6)])
    }

    @Test mutating func anotherHolderIsToldFromAForeignOne() {
        let cases: [(LockHolder, LeadStanding, String)] = [
            (
                LockHolder(.controller(other), expires: .seconds(9)),
                .standby(LockHolder(.controller(other), expires: .seconds(9))), "stands by: controller 22222222"
            ),
            (
                LockHolder(.foreign(bytes: 36)), .foreign(LockHolder(.foreign(bytes: 36))),
                "36 bytes) and the key never expires"
            ),
            (LockHolder(.noLock), .foreign(LockHolder(.noLock)), "something that is no lock"),
        ]
        for (holder, standing, words) in cases {
            _ = after(.milliseconds(400), .woke)
            _ = after(.milliseconds(1), record(6, other))
            #expect(after(.milliseconds(1), .lock(.refused(holder))) == [])
            #expect(leadership.standing(at: now) == standing)
            #expect(Words.standing(standing, at: now).contains(words))
        }
    }

    @Test mutating func aStopWaitsForItsActsThenClosesThenReleases() throws {
        lead(closed: true)
        let begun = leadership.beginAct(at: now)
        let permit = try #require(begun)
        #expect(after(.milliseconds(10), .stopAsked) == [])
        #expect(leadership.standing(at: now) == .stopping)
        #expect(leadership.beginAct(at: now) == nil)
        #expect(after(.milliseconds(10), .actEnded(permit)) == [.closeRow(epoch: 7)])
        #expect(after(.milliseconds(10), .row(.closed)) == [.releaseLock])
        #expect(after(.milliseconds(10), .lock(.released)) == [.ended])
        #expect(leadership.standing(at: now) == .stopped)
        #expect(after(.milliseconds(10), .woke) == [])
    }

    /// Closed would let the successor act at once, while a request of the one before may still be under way.
    @Test mutating func whoStopsBeforeItMayActLeavesTheRowOpen() {
        lead(closed: false)
        #expect(after(.milliseconds(10), .stopAsked) == [.releaseLock])
        #expect(after(.milliseconds(10), .lock(.released)) == [.ended])
    }

    @Test mutating func anActThatNeverEndsLeavesTheRowOpen() throws {
        lead(closed: true)
        let begun = leadership.beginAct(at: now)
        let permit = try #require(begun)
        _ = after(.milliseconds(10), .stopAsked)
        for _ in 0..<2 {
            #expect(after(.milliseconds(3500), .woke) == [.renewLock, .readRow])
            _ = after(.milliseconds(10), .lock(.renewed))
            _ = after(.milliseconds(10), record(7, token))
        }
        #expect(after(permit.until - now, .woke) == [])
        #expect(after(.seconds(2), .woke) == [.releaseLock])
    }

    @Test mutating func aRefusedClaimEndsTheTenure() {
        lead(closed: true)
        #expect(after(.milliseconds(10), .claimRefused(epoch: 6)) == [])
        #expect(after(.milliseconds(10), .claimRefused(epoch: 7)) == [.releaseLock])
        #expect(leadership.standing(at: now) == .lost(.deposed))
    }

    /// A database that failed over may have forgotten who leads: that is nobody with another lock.
    @Test mutating func aRefusalByARowThatIsOlderIsNoRival() {
        for (epoch, isRival) in [(6, false), (7, false), (8, true)] as [(Int64, Bool)] {
            var other = self
            other.refused(thenReads: epoch, isRival: isRival)
        }
    }

    private mutating func refused(thenReads epoch: Int64, isRival: Bool) {
        lead(closed: true)
        #expect(after(.milliseconds(10), .claimRefused(epoch: 7)) == [.releaseLock])
        _ = after(.milliseconds(10), .lock(.released))
        #expect(leadership.standing(at: now) == .lost(.deposed), "whom the row names is not known yet")
        #expect(after(.milliseconds(400), .woke) == [.readRow])
        #expect(after(.milliseconds(1), record(epoch, other)) == [isRival ? .renewLock : .acquireLock])
    }

    // MARK: Two locks, one row

    /// From a tenure of `length` to the row in other hands, while the lock is ours.
    private mutating func beDeposed(after length: Span, by epoch: Int64) {
        let end = now + length
        while now < end {
            _ = after(.milliseconds(3500), .woke)
            _ = after(.milliseconds(10), .lock(.renewed))
            guard now < end else { break }
            _ = after(.milliseconds(10), record(epoch - 1, token))
        }
        #expect(after(.milliseconds(10), record(epoch, other)) == [.releaseLock])
        #expect(leadership.standing(at: now) == .lost(.deposed))
    }

    /// Reads the row and asks who has the lock.
    private mutating func look(_ epoch: Int64, _ holder: LockHolder = LockHolder(.nobody)) {
        #expect(after(.milliseconds(400), .woke) == [.readRow])
        #expect(after(.milliseconds(1), record(epoch, other)) == [.renewLock])
        #expect(after(.milliseconds(1), .lock(.refused(holder))) == [])
    }

    @Test mutating func whoIsDeposedWhileItsLockIsItsOwnLeavesTheRowToTheOther() {
        lead(closed: true)
        var epoch: Int64 = 8
        // Longer each time, and five minutes at most.
        for pause in [31, 62, 124, 248, 300, 300] as [Int64] {
            beDeposed(after: .seconds(3), by: epoch)
            _ = after(.milliseconds(10), .lock(.released))
            let until = now + .seconds(pause)
            let standing = LeadStanding.rival(until: until)
            #expect(leadership.standing(at: now) == standing)
            #expect(Words.standing(standing, at: now).contains("another controller leads by another lock"))
            while until - now > .seconds(1) {
                look(epoch)
                #expect(leadership.standing(at: now) == standing)
                now = now + .milliseconds(500)
            }
            #expect(after(until - now, .woke) == [.readRow])
            #expect(after(.milliseconds(1), record(epoch, other)) == [.acquireLock])
            #expect(after(.milliseconds(1), .lock(.acquired)) == [.takeRow(after: epoch)])
            _ = after(.milliseconds(1), .row(.taken(epoch: epoch + 1, predecessorClosed: false)))
            epoch += 2
        }
        // Nobody waits out ten minutes.
        beDeposed(after: .seconds(601), by: epoch)
        _ = after(.milliseconds(10), .lock(.released))
        #expect(leadership.standing(at: now) == .rival(until: now + .seconds(31)))
    }

    /// A database that failed over and has forgotten who led names nobody who has taken the row since.
    @Test mutating func aRowThatWentBackwardsShowsNoRival() {
        lead(closed: true)
        _ = after(.milliseconds(3500), .woke)
        _ = after(.milliseconds(10), .lock(.renewed))
        #expect(after(.milliseconds(10), record(6, other)) == [.releaseLock])
        _ = after(.milliseconds(10), .lock(.released))
        #expect(leadership.standing(at: now) == .lost(.deposed))
    }

    /// Who stopped cleanly leads no more, whatever its lock was.
    @Test mutating func aRowThatIsClosedIsLeftToNobody() {
        lead(closed: true)
        beDeposed(after: .seconds(3), by: 8)
        _ = after(.milliseconds(10), .lock(.released))
        look(8)
        #expect(after(.milliseconds(400), .woke) == [.readRow])
        #expect(after(.milliseconds(1), record(8, other, closed: true)) == [.acquireLock])
    }

    /// As with a Redis that failed over under one of the two: once they share it again, a takeover is what it always was.
    @Test mutating func whoSeesTheOtherWithItsOwnLockStandsByAsEver() {
        lead(closed: true)
        beDeposed(after: .seconds(3), by: 8)
        _ = after(.milliseconds(10), .lock(.released))
        let holder = LockHolder(.controller(other), expires: .seconds(9))
        look(8, holder)
        #expect(leadership.standing(at: now) == .standby(holder))
        #expect(after(.milliseconds(400), .woke) == [.readRow])
        #expect(after(.milliseconds(1), record(8, other)) == [.acquireLock])
    }

    /// With a shared Redis that was flushed the other one has the lock: the row alone has told it first.
    @Test mutating func whoIsDeposedAfterAFlushStandsByAsEver() {
        lead(closed: true)
        beDeposed(after: .seconds(3), by: 8)
        _ = after(.milliseconds(10), .lock(.refused(LockHolder(.controller(other), expires: .seconds(14)))))
        #expect(leadership.standing(at: now) == .lost(.deposed))
        #expect(after(.milliseconds(400), .woke) == [.readRow])
        #expect(after(.milliseconds(1), record(8, other)) == [.acquireLock])
    }

    /// A question that was thought lost has its effect late: it is given back, and no tenure begins with it.
    @Test mutating func aLockThatIsOnlyLookedAtIsNotKept() {
        lead(closed: true)
        beDeposed(after: .seconds(3), by: 8)
        _ = after(.milliseconds(10), .lock(.released))
        #expect(after(.milliseconds(400), .woke) == [.readRow])
        #expect(after(.milliseconds(1), record(8, other)) == [.renewLock])
        #expect(after(.milliseconds(1), .lock(.renewed)) == [.releaseLock])
        #expect(after(.milliseconds(400), .lock(.released)) == [.readRow])
        #expect(after(.milliseconds(1), record(8, other)) == [.renewLock])
    }

    @Test func theWakesNeverLieBehind() {
        var leadership = leadership
        for effect in leadership.handle(.woke, at: now) {
            if case .wake(let at) = effect { #expect(at > now) }
        }
    }

    @Test func tokens() throws {
        #expect(LockToken(token.text) == token)
        let strange = LockToken(id: "a/b", holder: token.holder)
        #expect(LockToken(strange.text) == strange)
        for text in ["", "zlh-controller/", "zlh-controller/11111111-1111-4111-8111-111111111111", "repair-worker"] {
            #expect(LockToken(text) == nil)
        }
        var source = SystemRandomNumberGenerator()
        let made = HolderID(using: &source).description
        #expect(Array(made)[14] == "4")
        #expect("89ab".contains(Array(made)[19]))
        #expect(HolderID(made)?.description == made)
    }

    /// A third of the TTL, unless an act would not fit before the next renewal.
    @Test(arguments: [(15, 8), (1, 0), (15, 14), (600, 30)]) func times(ttl: Int64, act: Int64) {
        let times = LeadTimes(ttl: .seconds(ttl), actDeadline: max(.milliseconds(100), .seconds(act)))
        #expect(times.renewEvery.microseconds <= ttl * 1_000_000 / 3)
        #expect(times.actDeadline.microseconds + times.renewEvery.microseconds < ttl * 1_000_000)
        #expect(times.callTimeout <= times.renewEvery)
        #expect(times.pollEvery <= .milliseconds(400))
    }
}
