import Core
import Testing

@Suite("Names, numbers and times")
struct ModelTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-03-01T12:00:00Z", 1_772_366_400_000_000),
            ("2025-08-27T20:36:24.9667Z", 1_756_326_984_966_700), ("2024-02-29T23:59:59+02:00", 1_709_243_999_000_000),
            ("1969-12-31T23:59:59.5Z", -500_000), ("2026-01-01 00:00:00.123456+02", 1_767_218_400_123_456),
            ("2026-01-01t00:00:00-0230", 1_767_234_600_000_000),
        ])
    func timesAreRead(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-13-01T00:00:00Z", "2026-03-01T12:00:00", "2026-03-01T12:00:00.Z", "x",
        "2026-03-01T12:00:00Zx", "2026-03-01T12:00:00+", "2026-03-01T12:00:00+1", "2026-03-01T12:00:00+02:0",
        "2026-03-01T12:00:0", "infinity",
    ])
    func whatIsNoTimeIsNone(text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test func timesAreWrittenAsTheyAreRead() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T12:34:56Z", "2100-03-01T00:00:00Z", "1969-12-31T23:59:59Z"] {
            #expect(Timestamp(rfc3339: text)?.description == text)
        }
    }

    /// A number from outside may be any number: the arithmetic of times stops at its ends and ends no process.
    @Test(arguments: [Int64.max, .min, 9_200_000_000_000_000_000, -9_200_000_000_000_000_000])
    func timesStopAtTheirEnds(number: Int64) {
        let end: Int64 = number < 0 ? .min : .max
        for span in [Span.milliseconds(number), .seconds(number), .minutes(number)] {
            #expect(span.microseconds == end)
            #expect((Timestamp(seconds: number < 0 ? -7 : 7) + span).microseconds == end)
            #expect(Moment(microseconds: number) + span == Moment(microseconds: end))
        }
        #expect(Timestamp(seconds: number).microseconds == end)
        let other = Span(microseconds: end == .max ? .min : .max)
        #expect((Timestamp(microseconds: number) - other).microseconds == end)
        let far = Timestamp(microseconds: other.microseconds)
        #expect((Timestamp(microseconds: number) - far).microseconds == end)
        #expect((Moment(microseconds: number) - Moment(microseconds: other.microseconds)).microseconds == end)
    }

    @Test(arguments: ["99", "0100", "+5001", " 5001", "1000000000", "", "5001x", "5_001"])
    func whatIsNoVMIDIsNone(text: String) { #expect(VMID(text) == nil) }

    @Test func identitiesAreReadInEitherCase() {
        let text = "0553d96c-42b2-4eb2-9eaa-e7c731e9d651"
        #expect(ExternalID(text)?.description == text)
        #expect(ExternalID(text.uppercased()) == ExternalID(text))
        #expect(ExternalID("0553d96c42b24eb29eaae7c731e9d651") == nil)
        #expect(ExternalID(text + "0") == nil)
        #expect(ExternalID(text.dropLast()) == nil)
    }

    /// Each byte in each place of an identity is a digit, or makes it none.
    @Test func identitiesAreMadeOfDigitsAlone() {
        let text = Array("0553d96c-42b2-4eb2-9eaa-e7c731e9d651".utf8)
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var other = text
                other[place] = byte
                let digit = Character(Unicode.Scalar(byte)).hexDigitValue
                let isDash = [8, 13, 18, 23].contains(place)
                let id = ExternalID(utf8: other.span)
                #expect((id != nil) == (isDash ? byte == 45 : digit != nil))
                guard let id, !isDash else { continue }
                #expect(id.description.utf8.elementsEqual(String(decoding: other, as: UTF8.self).lowercased().utf8))
            }
        }
    }

    @Test(arguments: [
        ("0.0.0.0", 0), ("10.70.0.5", 0x0a46_0005), ("255.255.255.255", UInt32.max), ("1.20.103.9", 0x0114_6709),
    ])
    func addressesAreRead(text: String, number: UInt32) { #expect(DNSName.ipv4(text) == number) }

    @Test(arguments: [
        "", ".", "...", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5", "256.1.1.1", "1.1.1.999",
        "010.0.0.1", "00.0.0.1", "1.2.3.0004", "1.2.3.4/24", " 1.2.3.4", "1.2.3.4 ", "+1.2.3.4", "1.2.3.-4", "1.2.3.x",
        "::1", "111.111.111.1111", "１.2.3.4",
    ])
    func whatIsNoAddressIsNone(text: String) { #expect(DNSName.ipv4(text) == nil) }

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

    /// Where one part may take any letters, another VMID than the one in question is no end of the search.
    @Test(arguments: [
        ("{game}{vmid}", "cs25001", true), ("{game}-{vmid}-*", "cs-2-5001-x", true), ("mc-{vmid}", "mc-5001", true),
        ("mc-{vmid}", "mc-50011", false), ("mc-{vmid}*", "mc-50011", false), ("{game}-{vmid}", "rust-5002", false),
    ])
    func aNameIsOnlyGivenToItsOwnVMID(pattern: String, name: String, isGiven: Bool) throws {
        #expect(try #require(HostnamePattern(pattern)).mayGive(name, to: VMID(5001)!) == isGiven)
    }

    @Test func foreignTextCannotMoveATerminal() {
        #expect(Foreign.text("a\u{1B}[31mb\r\n\u{202E}c\u{200B}") == "a\\u{1b}[31mb\\u{d}\\u{a}\\u{202e}c\\u{200b}")
        #expect(Foreign.text(String(repeating: "x", count: 500)).count == 241)
    }
}
