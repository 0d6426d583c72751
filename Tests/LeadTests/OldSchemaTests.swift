import Core
import Postgres
import Runtime
import TestSupport
import Testing

/// A program that is newer than the schema reads what should be, and could write down nothing.
@Suite struct OldSchemaTests {
    @Test func nobodyLeadsWithAnOlderSchemaUntilItIsMigrated() async throws {
        let house = try await House()
        try house.run("create table public.later as select * from controller.schema_migration where number > 9")
        try house.run("delete from controller.schema_migration where number > 9")
        let controller = try house.start()
        try await eventually("it says what is missing") {
            guard case .lost(let loss) = await controller.standing() else { return false }
            return Words.loss(loss).contains("migration 10 and ")
                && Words.loss(loss).hasSuffix("run `zlh-controller migrate`")
        }
        // It leaves the lock to one that could lead, and the row as it is.
        try await controller.hears(4)
        #expect(try await house.redis.run("EXISTS", House.key) == "0")
        #expect(try house.written().hasPrefix("0|"))

        try house.run("insert into controller.schema_migration select * from public.later")
        try await eventually("it leads without a restart") { await controller.mayAct() }
        // Whoever leads has looked: a renewal does not ask again.
        try house.run("delete from controller.schema_migration where number > 9")
        try await controller.hears(10)
        #expect(await controller.mayAct())
        await controller.kill()
    }

    @Test func aNewerSchemaIsNoReasonNotToLead() async throws {
        let house = try await House()
        try house.run(
            "insert into controller.schema_migration (number, name, checksum) values (9999, 'later', 'unknown')")
        let controller = try house.start()
        try await eventually("it leads") { await controller.mayAct() }
        await controller.kill()
    }

    @Test func whatMayNotBeReadIsNotNewEnough() async throws {
        let house = try await House()
        try house.run("revoke select on controller.schema_version from zlh_run")
        guard case .outdated(let why) = await (try house.row(token().holder)).read() else {
            Issue.record("it would lead")
            return
        }
        #expect(why.contains("may not read controller.schema_version"))
    }
}
