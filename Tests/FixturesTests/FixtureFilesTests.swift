import Core
import Fixtures
import Foundation
import Testing

@Suite("The recorded estates under fixtures/")
struct FixtureFilesTests {
    struct Expected: Sendable {
        var file: String
        var drifts: [String]
        var unknown: [String]
        var exitStatus: Int32
    }

    static let expected = [
        Expected(
            file: "deleted-srv.json", drifts: ["dns.public.srv_missing 5002 repair policy_matched"], unknown: [],
            exitStatus: 2),
        Expected(
            file: "lost-permission.json", drifts: [],
            unknown: ["5002 proxmox permission_missing", "5003 proxmox permission_missing"], exitStatus: 3),
        Expected(
            file: "node-down.json", drifts: ["container.node_offline - manual no_action"],
            unknown: ["5002 proxmox node_offline", "5003 proxmox node_offline"], exitStatus: 2),
        Expected(
            file: "reused-vmid.json", drifts: ["container.identity_mismatch 5002 manual person_only"], unknown: [],
            exitStatus: 2),
    ]

    @Test(arguments: expected)
    func saysWhatItIsThereFor(_ expected: Expected) async throws {
        let report = try #require(try await RecordedEstates.audit(RecordedEstates.read(expected.file)))
        let drifts = report.decisions.map {
            "\($0.drift.kind.rawValue) \($0.drift.subject.vmid?.description ?? "-") \($0.verdict.rawValue) \($0.reason.rawValue)"
        }
        let unknown = report.unknown.map {
            "\($0.vmid?.description ?? "-") \($0.plane.rawValue) \($0.reason.rawValue)"
        }
        #expect(drifts == expected.drifts)
        #expect(unknown == expected.unknown)
        #expect(report.exitStatus == expected.exitStatus)
    }

    @Test func eachFileIsPinned() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: RecordedEstates.folder)
        #expect(Set(files.filter { $0.hasSuffix(".json") }) == Set(Self.expected.map(\.file)))
        let readme = try String(contentsOfFile: "\(RecordedEstates.folder)/README.md", encoding: .utf8)
        for file in Self.expected.map(\.file) { #expect(readme.contains("`\(file)`")) }
    }

    @Test(arguments: expected)
    func survivesTheWayThereAndBack(_ expected: Expected) throws {
        let fixture = try RecordedEstates.read(expected.file)
        #expect(try FixtureFile.decode(FixtureFile.encode(fixture), path: expected.file) == fixture)
    }
}
