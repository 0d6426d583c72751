import Core
import Lab
import Testing
import World

/// An address in the database that leads somewhere else, with an installation as its configuration wires it.
@Suite("agents.networks", .serialized)
struct NetworksTests {
    /// Where server 5003 and its agent are, and where nobody is to be asked at all.
    private static let elsewhere = "127.99.0.3"
    private static let metadata = "169.254.169.254"

    private static func estate() -> Estate {
        var estate = Estate.demo()
        for index in estate.instances.indices {
            switch estate.instances[index].vmid {
            case VMID(5003): estate.instances[index].address = elsewhere
            case VMID(5004): estate.instances[index].address = metadata
            default: break
            }
        }
        if let vmid = VMID(5003) { estate.cluster.change(vmid) { $0.address = elsewhere } }
        return estate
    }

    /// Its agent is silent, and Proxmox shows the guest with an address: one that counts where the networks have it.
    @Test func anAddressOutsideIsNoNewAddress() async throws {
        var estate = Estate.demo()
        let vmid = try #require(VMID(5003))
        estate.cluster.change(vmid) { $0.address = Self.elsewhere }
        let scene = try await Scene(estate)
        let wide = try await scene.configuration { yaml in
            yaml.replacing(#"networks: ["127.70.0.0/16"]"#, with: #"networks: ["127.70.0.0/16", "127.99.0.0/24"]"#)
        }
        func kinds(_ outcome: Outcome) -> [DriftKind] {
            guard case .report(let report) = outcome else { return [] }
            let drifts = report.decisions.map(\.drift).filter { $0.subject.vmid == vmid }
            return drifts.map(\.kind).filter { $0 == .agentUnreachable || $0 == .containerAddressChanged }
        }
        #expect(kinds(try await scene.audit(wide).outcome) == [.containerAddressChanged, .agentUnreachable])
        #expect(kinds(try await scene.audit().outcome) == [.agentUnreachable])
        await scene.end()
    }

    @Test func theTokenGoesNowhereElseAndTheReasonIsTold() async throws {
        let scene = try await Scene(Self.estate())
        func asked() async -> Int { await scene.house.requests["agents GET /status"] ?? 0 }
        func unknown(_ report: Report, _ vmid: Int) -> [Unknown] {
            report.unknown.filter { $0.vmid == VMID(vmid) && $0.plane == .agents }.map(\.reason)
        }
        // Somebody answers there, and would be asked if the networks had the address.
        let wide = try await scene.configuration { yaml in
            yaml.replacing(#"networks: ["127.70.0.0/16"]"#, with: #"networks: ["127.70.0.0/16", "127.99.0.0/24"]"#)
        }
        guard case .report(let inside) = try await scene.audit(wide).outcome else {
            Issue.record("no report")
            return
        }
        let all = await asked()
        #expect(all > 10)
        #expect(unknown(inside, 5003) == [])
        #expect(unknown(inside, 5004) == [.outsideNetworks])

        let report = try #require(await scene.report())
        #expect(await asked() - all == all - 1)
        #expect(unknown(report, 5003) == [.outsideNetworks])
        #expect(unknown(report, 5004) == [.outsideNetworks])
        #expect(ReportText.encode(report, usesColor: false).contains(Words.unknown(.outsideNetworks)))
        #expect(!report.decisions.contains { $0.drift.kind.plane == .agents && $0.drift.subject.vmid == VMID(5003) })
        await scene.end()
    }
}
