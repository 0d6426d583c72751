import ArgumentParser
import Core
import Glibc
import Postgres

/// Measures the parts whose cost grows with the fleet, each beside its goal and its floor. Quote the ratio: machines are noisy.
@main
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zlh-bench", abstract: "Measures what grows with the fleet; `make bench` gives it all it needs.",
        subcommands: [Measure.self, Prepare.self], defaultSubcommand: Measure.self)
}

/// Makes the tables in a database, so that an estate can be loaded into it.
struct Prepare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Creates the tables in an empty database.")
    @Option(help: "Its URL, as a superuser's.") var postgres: String

    func run() async throws {
        let connection = try PostgresConnection(PostgresTarget(url: postgres))
        _ = try await Migrator.run(on: connection)
        await connection.close()
    }
}

struct Measure: AsyncParsableCommand {
    enum Part: String, CaseIterable, ExpressibleByArgument { case memory, plan, load, inventory, zone, agents, daemon }

    static let configuration = CommandConfiguration(abstract: "Measures and prints one table.")

    @Option(help: "A part to measure: \(Part.allCases.map(\.rawValue).joined(separator: ", ")). All without.")
    var only: [Part] = []
    @Option(help: "How many times; the median is printed.") var runs = 7
    @Option(help: "Sizes of the fleets that are planned.") var instances = [100_000, 1_000_000]
    @Option(help: "A PostgreSQL to fill and read, as a superuser's URL.") var postgres: String?
    @Option(help: "The port file of a laboratory.") var lab: String?
    @Option(help: "The seed of the laboratory's estate.") var labSeed: UInt64 = 1
    @Option(help: "The size of the laboratory's estate.") var labInstances = 7_500
    @Option(help: "The port file of the laboratory that a daemon works on.") var fleet: String?
    @Option(help: "The seed of its estate.") var fleetSeed: UInt64 = 3
    @Option(help: "The size of its estate.") var fleetInstances = 10_000
    @Option(help: "The PostgreSQL that holds its estate, as a superuser's URL.") var fleetPostgres: String?
    @Option(help: "The Redis with its queues.") var fleetRedis: String?
    @Option(help: "The daemon's cycle, in seconds.") var cycle = 60

    func run() async throws {
        say("\(Meter.machine); milliseconds are of one core, the median of \(runs) runs")
        var figures: [Figure] = []
        if isWanted(.memory) { figures += MemoryBench.run(instances: 100_000) }
        if isWanted(.plan) {
            for count in instances {
                figures += PlanBench.run(
                    instances: count, goal: Double(count) / 4000, runs: max(1, min(runs, 10_000_000 / count)),
                    say: say)
            }
        }
        if isWanted(.inventory) { figures += try InventoryBench.run(guests: 10_000, runs: runs) }
        if isWanted(.load) {
            if let postgres {
                figures += try await LoadBench(url: postgres).run(runs: runs)
            } else {
                print("load: not measured, there is no --postgres")
            }
        }
        if isWanted(.zone) || isWanted(.agents) {
            if let lab {
                let laboratory = try Laboratory(portFile: lab, seed: labSeed, instances: labInstances)
                if isWanted(.zone) { figures += try await ZoneBench(laboratory: laboratory).run(runs: runs) }
                if isWanted(.agents) { figures += try await AgentBench(laboratory: laboratory).run(runs: runs) }
            } else {
                print("zone, agents: not measured, there is no --lab")
            }
        }
        if isWanted(.daemon) {
            if let fleet, let fleetPostgres, let fleetRedis {
                let house = try DaemonHouse(
                    portFile: fleet, seed: fleetSeed, instances: fleetInstances, postgres: fleetPostgres,
                    redis: fleetRedis, cycle: cycle)
                figures += try await DaemonBench(house: house).run(say: say)
            } else {
                print("daemon: not measured, there is no --fleet")
            }
        }
        print(FigureTable.text(figures))
        print(Meter.machine)
    }

    /// At once, also into a file: the figures so far are worth having when a long run is ended.
    private func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    private func isWanted(_ part: Part) -> Bool { only.isEmpty || only.contains(part) }
}
