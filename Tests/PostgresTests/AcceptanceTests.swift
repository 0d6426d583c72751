import Core
import Postgres
import TestSupport
import Testing

@Suite struct AcceptanceTests {
    private static let drift = "0123456789abcdef"

    @Test func isReadUntilItEnds() async throws {
        let database = try await Database.migrated()
        let store = AcceptanceStore(try database.connection("zlh_run"))
        let until = try await store.accept(
            Self.drift, reason: "known; it's \"fine\"", for: .minutes(60), by: "ada", timeout: Database.patience)
        let accepted = try await database.read().accepted
        #expect(
            accepted == [Acceptance(driftID: Self.drift, reason: "known; it's \"fine\"", until: until, by: "ada")])
        let seconds = try database.run("select round(extract(epoch from until - accepted_at)) from controller.accepted")
        #expect(seconds == "3600")
        try database.run("update controller.accepted set until = now() - interval '1 second'")
        #expect(try await database.read().accepted == [])
    }

    @Test func acceptingAgainReplaces() async throws {
        let database = try await Database.migrated()
        let store = AcceptanceStore(try database.connection("zlh_run"))
        _ = try await store.accept(
            Self.drift, reason: "one", for: .minutes(1), by: "ada", timeout: Database.patience)
        let until = try await store.accept(
            Self.drift, reason: "two", for: .minutes(99), by: "ben", timeout: Database.patience)
        #expect(
            try await database.read().accepted
                == [Acceptance(driftID: Self.drift, reason: "two", until: until, by: "ben")])
    }

    @Test func canBeTakenBackOnce() async throws {
        let database = try await Database.migrated()
        let store = AcceptanceStore(try database.connection("zlh_run"))
        _ = try await store.accept(Self.drift, reason: "one", for: .minutes(1), by: "ada", timeout: Database.patience)
        #expect(try await store.unaccept(Self.drift, timeout: Database.patience))
        #expect(try await !store.unaccept(Self.drift, timeout: Database.patience))
        #expect(try await database.read().accepted == [])
    }

    @Test func oneThatHasEndedIsNotTakenBack() async throws {
        let database = try await Database.migrated()
        let store = AcceptanceStore(try database.connection("zlh_run"))
        _ = try await store.accept(Self.drift, reason: "one", for: .minutes(1), by: "ada", timeout: Database.patience)
        try database.run("update controller.accepted set until = now() - interval '1 second'")
        #expect(try await !store.unaccept(Self.drift, timeout: Database.patience))
    }

    @Test func whoOnlyAuditsMayNot() async throws {
        let database = try await Database.migrated()
        let store = AcceptanceStore(try database.connection("zlh_audit"))
        let accepting = await postgresError { () async throws(PostgresError) in
            _ = try await store.accept(
                Self.drift, reason: "one", for: .minutes(1), by: "ada", timeout: Database.patience)
        }
        let ending = await postgresError { () async throws(PostgresError) in
            _ = try await store.unaccept(Self.drift, timeout: Database.patience)
        }
        #expect(accepting?.code == .permission)
        #expect(ending?.code == .permission)
    }
}
