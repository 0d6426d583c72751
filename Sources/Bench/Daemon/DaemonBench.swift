import Core
import Curl
import Postgres
import Runtime
import Settings
import World

/// A whole daemon on a whole laboratory: what a quiet round costs and asks, how soon a decision is looked at again, and how long
/// a record that somebody deleted is gone.
struct DaemonBench {
    let house: DaemonHouse
    private let claims = 120
    private let deletions = 12
    private let quietRounds = 4

    func run(say: (String) -> Void) async throws -> [Figure] {
        let configuration = try house.configuration()
        var policies = try configuration.loadPolicies()
        // So that the figure is of what it says, and not of the budget.
        policies.brakes.budgetPerMinute = 1_000_000
        let rounds = Rounds()
        let parts = try DaemonParts(
            configuration, policies: policies, standing: { _ in }, news: { rounds.hear($0) })
        let settled = policies
        let daemon = Task { await parts.run(policies: settled) }
        let database = try PostgresConnection(PostgresTarget(url: house.postgres))
        let client = HTTPClient()
        do {
            let figures = try await measure(rounds, database, client, say)
            daemon.cancel()
            await daemon.value
            client.shutdown()
            await database.close()
            return figures
        } catch {
            for trouble in Set(rounds.troubles).sorted().prefix(5) { say("daemon: \(trouble)") }
            daemon.cancel()
            await daemon.value
            throw error
        }
    }

    private func measure(
        _ rounds: Rounds, _ database: PostgresConnection, _ client: HTTPClient, _ say: (String) -> Void
    ) async throws -> [Figure] {
        try await until("the daemon has come to rest", .minutes(20)) { rounds.quiet >= 2 }
        var figures: [Figure] = []
        do {
            figures += try await quiet(rounds, database, client, say)
            figures += try await claims(rounds, database)
            figures += try await healed(rounds, database, client)
        } catch {
            say(FigureTable.text(figures))
            throw error
        }
        return figures
    }

    // MARK: A quiet round

    private func quiet(
        _ rounds: Rounds, _ database: PostgresConnection, _ client: HTTPClient, _ say: (String) -> Void
    ) async throws -> [Figure] {
        var (asked, transactions) = (try await house.requests(client), try await self.transactions(database))
        var before = rounds.quiet
        // A machine with too much to do does not hear every agent in time, and such a round is not quiet: then it begins anew.
        try await until("\(quietRounds) quiet rounds in a row", .minutes(30)) {
            let count = rounds.quiet
            if count < before {
                (asked, transactions) = (try await house.requests(client), try await self.transactions(database))
                before = count
            }
            return count >= before + quietRounds
        }
        let cpu = rounds.cpu(last: quietRounds).sorted()
        let after = try await house.requests(client)
        let written = try await self.transactions(database) - transactions
        let count = Double(quietRounds)
        let calls = after.keys.sorted().map { plane in
            "\(plane) \(Figure.text(Double((after[plane] ?? 0) - (asked[plane] ?? 0)) / count))"
        }
        let size = Figure.text(Double(house.estate.instances.count))
        say("calls per cycle of \(house.cycle) s, \(size) instances, quiet: " + calls.joined(separator: ", "))
        let each = Figure.text(Double(written) / count)
        say("transactions of PostgreSQL per cycle: \(each), those of the lease and of the outbox among them")
        return [
            Figure(
                name: "a quiet round at \(size) instances, CPU", value: cpu[cpu.count / 2], unit: .milliseconds)
        ]
    }

    private func transactions(_ database: PostgresConnection) async throws -> Int {
        try await number(
            "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()", database)
    }

    // MARK: Decision to re-validation

    private func claims(_ rounds: Rounds, _ database: PostgresConnection) async throws -> [Figure] {
        let earlier = try await number("select count(*) from controller.repair_intent", database)
        let rows = house.estate.instances.prefix(claims).map(\.vmid)
        let begun = WallClock.now()
        for vmid in rows {
            _ = try await texts(
                """
                insert into platform.provisioning_operation
                  (id, kind, status, phase, attempts, vmid, enqueued_at, heartbeat_at, lease_expires_at)
                select 'bench-' || vmid, 'restart', 'running', 'stop', 1, vmid, now() - interval '1 hour',
                       now() - interval '11 minutes', now() - interval '10 minutes'
                  from platform.container_instance where vmid = \(vmid)
                returning id
                """, database)
            // A round each: who comes within one is decided together with the others.
            try await Task.sleep(for: .milliseconds(1100))
        }
        try await until("all are repaired", .minutes(10)) {
            try await number("select count(*) from controller.repair_intent where state = 'verified'", database)
                >= earlier + rows.count
        }
        let moments = try await texts(
            """
            select id, (extract(epoch from created_at) * 1000000)::bigint::text from controller.repair_intent
            """, database)
        var claimed: [String: Timestamp] = [:]
        for row in moments {
            if let id = row[0], let text = row[1], let moment = Int64(text) {
                claimed[id] = Timestamp(microseconds: moment)
            }
        }
        let spans = rounds.decisionToClaim(claimed, since: begun).sorted()
        let floor = try await roundTrip(database)
        guard let last = spans.last else { throw BenchError("no repair was seen") }
        let rank = min(spans.count - 1, spans.count * 99 / 100)
        let name = "decision until its claim is written, \(spans.count) rounds"
        let floorIs = "a round trip to this database"
        return [
            Figure(
                name: name + ", median", value: spans[spans.count / 2], unit: .milliseconds, floor: floor,
                floorIs: floorIs),
            Figure(
                name: name + ", p99", value: spans[rank], unit: .milliseconds, goal: 100, floor: floor,
                floorIs: floorIs),
            Figure(name: name + ", slowest", value: last, unit: .milliseconds),
        ]
    }

    /// The median, in milliseconds.
    private func roundTrip(_ database: PostgresConnection) async throws -> Double {
        var spans: [Double] = []
        for _ in 0..<101 {
            let start = ContinuousClock.now
            _ = try await texts("select 1::text", database)
            spans.append((ContinuousClock.now - start).milliseconds)
        }
        return spans.sorted()[50]
    }

    // MARK: Deletion to healed

    private func healed(
        _ rounds: Rounds, _ database: PostgresConnection, _ client: HTTPClient
    ) async throws -> [Figure] {
        let records = house.healthyRecords(deletions)
        guard records.count == deletions else { throw BenchError("too few healthy records") }
        var deleted: [VMID: Timestamp] = [:]
        // At any moment of a cycle; two in one are no mass change.
        for (index, record) in records.enumerated() {
            try await Task.sleep(for: .milliseconds(house.cycle * 1000 * (3 + index % 5) / 10))
            try await house.delete(record.name, client)
            deleted[record.vmid] = WallClock.now()
        }
        let healed = """
            select vmid::text, (extract(epoch from at) * 1000000)::bigint::text from controller.repair_event
             where outcome = 'verified' and drift_kind = 'dns.public.srv_missing'
            """
        var spans: [Double] = []
        try await until("all are healed", .minutes(30)) {
            spans = []
            for row in try await texts(healed, database) {
                guard let vmid = row[0].flatMap({ Int($0) }).flatMap({ VMID($0) }), let since = deleted[vmid],
                    let moment = row[1].flatMap({ Int64($0) })
                else { continue }
                spans.append(Double(moment - since.microseconds) / 1_000_000)
            }
            return spans.count >= records.count
        }
        spans.sort()
        let name = "a public SRV record deleted until healed, cycle \(house.cycle) s, \(spans.count) of them"
        return [
            Figure(name: name + ", median", value: spans[spans.count / 2], unit: .seconds),
            Figure(
                name: name + ", slowest", value: spans[spans.count - 1], unit: .seconds, goal: 3 * Double(house.cycle)),
        ]
    }

    // MARK: Asking

    private func texts(_ sql: String, _ database: PostgresConnection) async throws -> [[String?]] {
        try await database.run(timeout: .seconds(30)) { session throws(PostgresError) in try session.rows(sql) }
    }

    private func number(_ sql: String, _ database: PostgresConnection) async throws -> Int {
        try await texts("select (\(sql))::text", database).first?.first?.flatMap { Int($0) } ?? 0
    }

    /// Asks again until it is so.
    private func until(_ what: String, _ longest: Span, _ isSo: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .microseconds(longest.microseconds)
        while try await !isSo() {
            guard ContinuousClock.now < end else { throw BenchError("never: \(what)") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
