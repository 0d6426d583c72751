import Core
import Testing

@Suite("The rule of one record")
struct RecordRuleTests {
    private let rule = RecordRule(
        plane: .publicDNS, name: "mc.example.net", wanted: .a("203.0.113.10"), ttl: 60, mark: "zlh-controller/t 5001",
        formerEdges: ["203.0.113.9"])

    private func record(_ id: String, _ data: DNSRecord.Data, _ comment: String? = nil, proxied: Bool = false)
        -> DNSRecord
    {
        DNSRecord(id: id, name: "mc.example.net", data: data, ttl: 60, comment: comment, isProxied: proxied)
    }

    @Test func nothingThereIsMade() {
        #expect(rule.judge([]).deed == .create)
        let txt = record("t", .other(type: "TXT"))
        #expect(rule.judge([txt]).deed == .create)
    }

    @Test(arguments: [DNSRecord.Data.cname("x.example.org"), .aaaa("2001:db8::1"), .other(type: "NS")])
    func whatIsNotOursAtTheNameForbidsAnyChange(_ data: DNSRecord.Data) {
        for others in [
            [], [record("a", .a("192.0.2.1"))], [record("a", .a("203.0.113.10")), record("b", .a("203.0.113.9"))],
        ] {
            let judgement = rule.judge(others + [record("c", data)])
            #expect(judgement.deed == nil && judgement.foreign != nil)
        }
        let right = record("a", .a("203.0.113.10"))
        #expect(rule.judge([right, record("c", data)]).finding == .right(right))
    }

    @Test func oneWrongRecordIsCorrectedInPlaceUnlessItsCommentIsForeign() {
        for comment in [nil, "", "zlh-controller/t 5001"] {
            let wrong = record("a", .a("192.0.2.1"), comment)
            #expect(rule.judge([wrong]).deed == .correct(wrong))
        }
        for comment in ["by hand", "zlh-controller/t 5002", "zlh-controller/other 5001", "zlh-controller/t 5001 "] {
            #expect(rule.judge([record("a", .a("192.0.2.1"), comment)]).deed == nil)
        }
        let proxied = record("a", .a("203.0.113.10"), proxied: true)
        #expect(rule.judge([proxied]).deed == .correct(proxied))
    }

    @Test func surplusGoesOnlyBesideARightOneAndOnlyWhatIsOurs() {
        let right = record("a", .a("203.0.113.10"))
        let former = record("b", .a("203.0.113.9"))
        let marked = record("c", .a("192.0.2.1"), "zlh-controller/t 5001")
        #expect(rule.judge([right, former, marked]).deed == .removeSurplus([former, marked], keeping: right))
        #expect(rule.judge([former, marked]).deed == nil)
        #expect(rule.judge([right, record("d", .a("192.0.2.1"))]).deed == nil)
        #expect(rule.judge([right, record("d", .a("203.0.113.9"), "theirs")]).deed == nil)
        // Of two right ones the marked one is known to be ours, and stays.
        let ours = record("z", .a("203.0.113.10"), "zlh-controller/t 5001")
        #expect(rule.judge([right, ours]).deed == nil)
        #expect(rule.judge([ours, record("b", .a("203.0.113.9"))]).deed != nil)
    }

    @Test func whatCannotBeReadForbidsAConclusion() {
        #expect(rule.judge([record("a", .unreadable(type: "A"))]).finding == .unreadable)
        #expect(rule.judge([record("a", .unreadable(type: "A"))]).deed == nil)
        #expect(rule.judge([record("a", .unreadable(type: "SRV"))]).deed == .create)
    }

    @Test func recordsOfOtherNamesDoNotCount() {
        var other = record("a", .a("192.0.2.1"))
        other.name = "mc2.example.net"
        #expect(rule.judge([other]).deed == .create)
    }
}
