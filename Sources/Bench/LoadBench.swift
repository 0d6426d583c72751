import Core
import Postgres

/// Reading the desired state of a large fleet from PostgreSQL, typed and indexed, beside the same rows fetched and dropped.
struct LoadBench {
    let url: String
    let rows = 100_000

    func run(runs: Int) async throws -> [Figure] {
        let connection = try PostgresConnection(PostgresTarget(url: url))
        _ = try await Migrator.run(on: connection)
        try await fill(connection)
        let rows = rows
        var typed: [Double] = []
        var bare: [Double] = []
        for _ in 0...runs {
            let start = ContinuousClock.now
            let state = try await DesiredStateReader(connection).read(timeout: .minutes(1), now: { BigFleet.now }).get()
            typed.append((ContinuousClock.now - start).milliseconds)
            guard state.instances.count == rows, state.unreadable.isEmpty else {
                throw BenchError("\(state.instances.count) of \(rows) rows came back typed")
            }
            let floor = ContinuousClock.now
            let fetched = try await connection.run(timeout: .minutes(1)) { session throws(PostgresError) in
                try session.query(LoadBench.instances).rowCount
            }
            bare.append((ContinuousClock.now - floor).milliseconds)
            guard fetched == rows else { throw BenchError("\(fetched) of \(rows) rows came back") }
        }
        await connection.close()
        func perSecond(_ spans: [Double]) -> Double {
            Double(rows) / spans.dropFirst().sorted()[spans.count / 2] * 1000
        }
        return [
            Figure(
                name: "desired-state load of \(Figure.text(Double(rows))) rows", value: perSecond(typed),
                unit: .rowsPerSecond, goal: 500_000, floor: perSecond(bare),
                floorIs: "libpq fetches the same rows as text")
        ]
    }

    private func fill(_ connection: PostgresConnection) async throws {
        _ = try await connection.run(timeout: .minutes(2)) { session throws(PostgresError) in
            try session.script(
                """
                truncate platform.container_instance, platform.billing_enforcement_state;
                insert into platform.container_instance
                       (vmid, external_id, customer_id, ctype, hostname, node, ip, game, variant, desired_power, status)
                select 1000000 + i, gen_random_uuid(), 'customer-' || i / 3, 'game', 'mc-paper-' || 1000000 + i,
                       'pve' || i % 9, ('10.0.0.0'::inet + i), 'minecraft', 'paper', 'running', 'active'
                  from generate_series(0, \(rows - 1)) i;
                insert into platform.billing_enforcement_state (customer_id, billing_status)
                select 'customer-' || 3 * i, 'active' from generate_series(0, \(rows / 9)) i;
                analyze platform.container_instance;
                """
            ).rowCount
        }
    }

    /// The reader's own query.
    private static let instances = """
        select vmid::text, external_id::text, customer_id::text, ctype::text, hostname::text, node::text, ip::text,
               game::text, variant::text, port::text, desired_power::text, status::text
          from controller.desired_instance order by desired_instance.vmid, desired_instance.external_id
        """
}

/// A figure that could not be measured, or would not be one of what it says.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
