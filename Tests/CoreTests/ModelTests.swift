import Core
import Testing

@Suite("Names, numbers and times")
struct ModelTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-03-01T12:00:00Z", 1_772_366_400_000_000),
            ("2025-08-27T20:36:24.9667Z", 1_756_326_984_966_700), ("2024-02-29T23:59:59+02:00", 1_709_243_999_000_000),
            ("1969-12-31T23:59:59.5Z", -500_000),
        ])
    func timesAreRead(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: ["", "2026", "2026-13-01T00:00:00Z", "2026-03-01T12:00:00", "2026-03-01T12:00:00.Z", "x"])
    func whatIsNoTimeIsNone(text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test func timesAreWrittenAsTheyAreRead() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T12:34:56Z", "2100-03-01T00:00:00Z", "1969-12-31T23:59:59Z"] {
            #expect(Timestamp(rfc3339: text)?.description == text)
        }
    }

    @Test(arguments: ["99", "0100", "+5001", " 5001", "1000000000", "", "5001x", "5_001"])
    func whatIsNoVMIDIsNone(text: String) { #expect(VMID(text) == nil) }

    @Test func identitiesAreReadInEitherCase() {
        let text = "0553d96c-42b2-4eb2-9eaa-e7c731e9d651"
        #expect(ExternalID(text)?.description == text)
        #expect(ExternalID(text.uppercased()) == ExternalID(text))
        #expect(ExternalID("0553d96c42b24eb29eaae7c731e9d651") == nil)
        #expect(ExternalID(text + "0") == nil)
    }

    @Test(
        arguments: [
            ("mc-*-{vmid}", "mc-paper-5001", 5001), ("mc-*-{vmid}", "mc-a-b-5001", 5001),
            ("mc-{vmid}", "mc-5001", 5001),
            ("{game}-{vmid}", "rust-5001", 5001), ("{vmid}-x", "5001-x", 5001),
        ])
    func patternsFindTheVMID(pattern: String, name: String, vmid: Int) throws {
        let pattern = try #require(HostnamePattern(pattern))
        #expect(pattern.vmid(in: name, games: ["rust", "minecraft"]) == VMID(vmid))
    }

    @Test(
        arguments: [
            ("mc-*-{vmid}", "mc-5001"), ("mc-*-{vmid}", "mc--5001"), ("mc-{vmid}", "mc-5001x"),
            ("mc-{vmid}", "xmc-5001"),
            ("{game}-{vmid}", "web-5001"), ("mc-{vmid}", "mc-05001"), ("mc-{vmid}", "mc-50"),
        ])
    func patternsRefuse(pattern: String, name: String) throws {
        #expect(try #require(HostnamePattern(pattern)).vmid(in: name, games: ["rust"]) == nil)
    }

    @Test(arguments: ["", "mc-*", "mc-{vmid}-{vmid}", "mc_{vmid}", "{name}-{vmid}", "MC-{vmid}"])
    func whatIsNoPatternIsNone(text: String) { #expect(HostnamePattern(text) == nil) }

    @Test func foreignTextCannotMoveATerminal() {
        #expect(Foreign.text("a\u{1B}[31mb\r\n\u{202E}c\u{200B}") == "a\\u{1b}[31mb\\u{d}\\u{a}\\u{202e}c\\u{200b}")
        #expect(Foreign.text(String(repeating: "x", count: 500)).count == 241)
    }
}
