import ArgumentParser
import Core
import FoundationEssentials
import Glibc
import Lab
import World

@main
struct LabCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zlh-lab", abstract: "An estate behind real ports on loopback, to try the controller on.",
        subcommands: [Serve.self, SQL.self, RedisLines.self, Story.self])
}

struct EstateOptions: ParsableArguments {
    @Flag(help: "The fleet for newcomers: 24 servers, 22 deviations, of every family.")
    var demo = false
    @Option(help: "How many random instances instead.")
    var instances: Int?
    @Option(help: "The same seed gives the same estate.")
    var seed: UInt64 = 1

    func validate() throws {
        if demo == (instances != nil) { throw ValidationError("Give --demo or --instances N.") }
    }

    var estate: Estate {
        let now = LabClock.now()
        return instances.map { Estate.random(seed: seed, instances: $0, at: now) } ?? .demo(seed: seed, at: now)
    }
}

extension LabOptions.Dialect: ExpressibleByArgument {}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves the estate until it is interrupted.")

    @OptionGroup var source: EstateOptions
    @Option(help: "How many nodes listen.")
    var endpoints = 1
    @Option(help: "How Proxmox writes errors: 8.3 or 9.1.")
    var pve = LabOptions.Dialect.v9_1
    @Flag(help: "Delay each 401 by three seconds, as Proxmox does.")
    var realistic = false
    @Option(help: "Cloudflare's limit of requests in five minutes.")
    var rateLimit = 1200
    @Option(help: "The most records that one page of a listing holds.")
    var largestPage: Int?
    @Option(name: .customLong("for"), help: "Stop by itself after so many seconds.")
    var seconds: Int?
    @Option(help: "A file to write the addresses and tokens to, as JSON, once all ports listen.")
    var portFile: String?

    func run() async throws {
        var options = LabOptions()
        options.proxmoxEndpoints = endpoints
        options.dialect = pve
        options.unauthorizedDelay = realistic ? .seconds(3) : .zero
        options.requestsPerWindow = rateLimit
        var estate = source.estate
        if let largestPage { estate.zone.largestPage = largestPage }
        let house = LabHouse(estate: estate, options: options)
        try await house.start()
        let facts: [(String, JSON)] = await [
            ("proxmox_urls", .array(house.proxmoxURLs.map(JSON.string))),
            ("proxmox_token", .string(house.proxmoxToken)), ("cluster", .text(estate.cluster.name)),
            ("cloudflare_url", .text(house.cloudflareURL)), ("cloudflare_token", .string(house.cloudflareToken)),
            ("zone", .string(estate.zone.name)), ("zone_id", .string(estate.zone.id)),
            ("edge", .text(estate.settings.publicDNS?.edge)),
            ("former_edges", .array((estate.settings.publicDNS?.formerEdges ?? []).map(JSON.string))),
            ("technitium_url", .text(house.technitiumURL)), ("technitium_token", .string(house.technitiumToken)),
            ("internal_edge", .text(estate.settings.internalDNS?.edge)),
            ("internal_former_edges", .array((estate.settings.internalDNS?.formerEdges ?? []).map(JSON.string))),
            ("agent_port", house.agentPort.map(JSON.int) ?? .null), ("agent_token", .string(house.agentToken)),
            ("agent_networks", .array([.string("127.70.0.0/16")])),
            ("velocity_url", .text(house.velocityURL)), ("velocity_secret", .string(house.velocitySecret)),
            ("webhook_url", .text(house.webhookURL())),
            ("control_url", .text(house.controlURL)), ("pid", .int(Int(getpid()))),
        ]
        let text = JSON.object(facts).text + "\n"
        // Written whole or not at all: who waits for the file reads it at once.
        if let portFile { try Data(text.utf8).write(to: URL(filePath: portFile), options: .atomic) }
        print(text, terminator: "")
        fflush(nil)
        guard let seconds else {
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
        try await Task.sleep(for: .seconds(seconds))
        await house.stop()
    }
}

struct SQL: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the platform's rows as SQL. It empties the platform's tables first.")
    @OptionGroup var source: EstateOptions
    func run() { print(source.estate.sql(), terminator: "") }
}

struct Story: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints which deviations were planted, and their stories.")
    @OptionGroup var source: EstateOptions
    func run() {
        for planted in source.estate.story {
            let kind = planted.kind.rawValue
            let held = planted.heldBy.map { " (held: \($0.rawValue))" } ?? ""
            let gap = String(repeating: " ", count: max(1, 30 - kind.utf8.count))
            print("\(planted.vmid?.description ?? "-   ")  \(kind)\(gap)\(planted.sentence)\(held)")
        }
    }
}
