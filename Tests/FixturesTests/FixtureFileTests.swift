import Core
import Fixtures
import Testing

@Suite("Fixture files")
struct FixtureFileTests {
    private let smallest = """
        { "fixture": 1, "captured_at": "2026-03-01T12:00:00Z",
          "settings": { "id": "t", "scope": { "game": { "vmids": "5000-5999", "hostnames": ["mc-{vmid}"] } } },
          "looks": [ { "desired": { "read_at": "2026-03-01T12:00:00.123456Z", "instances": [] } } ] }
        """

    private func decode(_ text: String) throws -> Fixture { try FixtureFile.decode(Array(text.utf8), path: "f.json") }

    @Test func aPersonCanWriteOne() throws {
        let fixture = try decode(smallest)
        #expect(fixture.looks.count == 1)
        let again = try FixtureFile.decode(try FixtureFile.encode(fixture), path: "f.json")
        #expect(again == fixture)
    }

    @Test(
        "What is wrong is said with its place",
        arguments: [
            ("\"fixture\": 1", "\"fixture\": 9", "version 9"), ("5000-5999", "5999", "no range of VMIDs"),
            ("mc-{vmid}", "mc-*", "no host name pattern"), ("\"game\":", "\"games\":", "'games'"),
            ("\"looks\"", "\"look\"", "looks"), ("2026-03-01T12:00:00Z", "yesterday", "RFC 3339"),
            ("\"instances\": []", "\"instances\": 4", "instances"), ("{ \"fixture\"", "{{", "not JSON"),
        ])
    func mistakes(what: String, with: String, says: String) {
        #expect {
            try decode(smallest.replacing(what, with: with))
        } throws: { error in
            "\(error)".contains(says) && "\(error)".hasPrefix("fixture f.json")
        }
    }
}
