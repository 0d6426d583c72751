import Core
import Postgres
import Runtime
import TestSupport
import Testing

/// Somebody else holds the row that a repair needs, for longer than anybody should.
@Suite struct HeldRowTests {
    /// Its statement waits for that row, with the leadership row locked, and nobody is left to cancel it.
    @Test func aLeaderThatDiesWhileItWaitsForARowKeepsNobodyOut() async throws {
        let house = try await House()
        let controllers = [try house.start(), try house.start()]
        let first = try await leader(of: controllers)
        let (old, new) = (controllers[first], controllers[1 - first])
        try await eventually { if case .standby = await new.standing() { true } else { false } }
        let platform = try await Platform(house, holder: old.token.holder)
        let ledger = RepairLedger(platform.connection)
        #expect(try await ledger.claim(platform.ending, lease: platform.lease, timeout: .seconds(30)) == nil)
        let worker = try await platform.holdOperation()
        // The call outlives its process, as far as the server can tell.
        let act = Task {
            try await ledger.act(
                platform.ending, lease: platform.lease, fresh: .minutes(5), timeout: .minutes(5))
        }
        try await house.postgres.somebodyWaits(in: house.database)
        await old.kill()
        let took = try await eventually("the successor acts") { await new.mayAct() }
        print("killed while it waited for a row: the successor acts after \(took)")
        // The TTL, the statement of the dead, a second, and the wait for its last request; and a loaded machine.
        #expect(took < .seconds(1 + 1 + 1) + .milliseconds(400) + .seconds(4))
        do {
            _ = try await act.value
            Issue.record("it waited for the row until it was free")
        } catch let error as PostgresError {
            #expect(error.code == .busy)
            #expect(!error.isCommitUnknown)
        }
        #expect(try house.run("select status from platform.provisioning_operation") == "running")
        try await worker.end()
        await new.loop.stop()
    }

    /// Nothing was done, and it is no attempt: later the row may be free.
    @Test func whatCannotLockItsRowIsRefused() async throws {
        let platform = try await Platform(House())
        let worker = try await platform.holdOperation()
        guard case .refused(let why) = await platform.repair(platform.ending) else {
            Issue.record("a row that is held is no answer")
            return
        }
        #expect(why.contains("it is tried again later: somebody else holds a row"))
        #expect(try platform.attempts() == "refused")
        try await worker.end()
    }

    @Test func aClaimThatCannotLockIsRefusedAndWritesNothing() async throws {
        let platform = try await Platform(House())
        let other = try await platform.holdLeadership()
        for intent in [platform.ending, try platform.publishing().intent] {
            guard case .refused(let why) = await platform.repair(intent) else {
                Issue.record("a claim that was not made leaves nothing open")
                continue
            }
            #expect(why.contains("nothing was written"))
        }
        #expect(try platform.attempts().isEmpty)
        try await other.end()
    }

    /// It was put back since the round looked, or its queue cannot be read any more: the row says nothing of either.
    @Test(arguments: [
        (Observed<[QueueReading.Place]>.present([.wait], Evidence(plane: .queues, observedAt: Fleet.now)), "again"),
        (.unknown(.timeout), "could not be looked for again"),
    ])
    func anOperationWhoseJobMayWaitIsNotEnded(_ job: Observed<[QueueReading.Place]>, _ words: String) async throws {
        let platform = try await Platform(House())
        guard case .refused(let why) = await platform.repair(platform.ending, job: job) else {
            Issue.record("it was ended")
            return
        }
        #expect(why.contains(words), "\(why)")
        #expect(try platform.attempts() == "refused")
        #expect(try platform.house.run("select status from platform.provisioning_operation") == "running")
    }
}
