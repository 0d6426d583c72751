import Core
import Testing

@testable import Fixtures

@Suite("Agents and the proxy in a fixture")
struct HostFormsTests {
    private static let at = Timestamp(microseconds: 1_767_225_600_123_456)

    private func fixture(_ change: (inout Fixture.Look) -> Void) -> Fixture {
        var look = Fixture.Look(
            desired: .success(
                DesiredState(
                    instances: [], operations: [], billing: [], retired: [], unreadable: [], pauses: [], accepted: [],
                    readAt: Self.at)))
        change(&look)
        return Fixture(
            capturedAt: Self.at,
            settings: PipelineSettings(
                id: "x", scope: .defaults, proxmox: nil, zone: nil, publicDNS: nil, internalDNS: nil, agents: true,
                velocity: true, queues: false), looks: [look])
    }

    private func target(_ vmid: Int) throws -> AgentTarget {
        AgentTarget(
            key: InstanceKey(vmid: try #require(VMID(vmid)), externalID: ExternalID(high: 1, low: UInt64(vmid))),
            address: "10.70.0.\(vmid % 250)")
    }

    @Test func whatWasReadSurvivesTheWayThereAndBack() throws {
        let status = AgentStatus(
            state: .error, processRunning: false, ready: false, operationInProgress: true, maintenance: false,
            crashCount: 4, lastCrashExitCode: 137)
        let polls = [
            AgentReading.Poll(target: try target(5001), answer: .status(status)),
            AgentReading.Poll(target: try target(5002), answer: .status(AgentStatus(state: nil, ready: true))),
            AgentReading.Poll(target: try target(5003), answer: .failed(.outsideNetworks)),
        ]
        let whole = fixture { look in
            look.agents = .success(AgentReading(polls: polls, startedAt: Self.at))
            look.velocity = .success(
                VelocityReading(
                    endpoint: "http://proxy:8081", servers: [.init(name: "a", address: "10.0.0.1", port: 25565)],
                    unreadableRows: 1, startedAt: Self.at))
        }
        #expect(try FixtureFile.decode(try FixtureFile.encode(whole), path: "x") == whole)
        let failed = fixture { look in
            look.agents = .failure(ReadFailure(.configuration, "no token", at: Self.at))
            look.velocity = .failure(ReadFailure(.unauthorized, "401", at: Self.at))
        }
        #expect(try FixtureFile.decode(try FixtureFile.encode(failed), path: "x") == failed)
    }

    @Test func noListIsNotAnEmptyList() throws {
        for servers in [nil, []] as [[VelocityReading.Backend]?] {
            let one = fixture { look in
                look.velocity = .success(VelocityReading(endpoint: "e", servers: servers, startedAt: Self.at))
            }
            #expect(try FixtureFile.decode(try FixtureFile.encode(one), path: "x") == one)
        }
    }

    @Test func theAddressesOfGuestsSurviveToo() throws {
        let vmid = try #require(VMID(5001))
        let reading = ProxmoxReading(
            endpoint: "e", resources: [], unreadableRows: 0, status: .init(name: nil, isQuorate: nil, nodes: ["n1"]),
            permissions: [:],
            addresses: [vmid: GuestAddresses(ipv4: ["10.0.0.1"], isWhole: false, isOutside: true)], startedAt: Self.at)
        let one = fixture { $0.proxmox = .success(reading) }
        #expect(try FixtureFile.decode(try FixtureFile.encode(one), path: "x") == one)
    }
}
