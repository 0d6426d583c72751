import Core
import Testing

@testable import Platform

@Suite("A listing of Cloudflare's read the fast way")
struct PlainListingTests {
    private static let frame = #""success":true,"errors":[],"messages":[{"code":1,"message":"\"x\""}]"#
    private static let info =
        #""result_info":{"page":1,"per_page":5000,"count":1,"total_count":1,"total_pages":1,"more":null}"#

    private static func listing(_ rows: String) -> [UInt8] {
        Array(#"{"result":[\#(rows)],\#(frame),\#(info)}"#.utf8)
    }

    private static func record(_ fields: String) -> String { #"{"id":"r1","name":"A.example.net.",\#(fields)}"# }

    /// Read by itself or not, each record is what the lenient reader makes of it.
    @Test(arguments: [
        #""type":"A","content":"192.0.2.1","ttl":60,"proxied":false,"comment":null,"tags":[],"meta":{"a":{"b":1.5}}"#,
        #""type":"A","content":"192.0.2.1","ttl":1,"proxied":true,"comment":"zlh","zone_name":"é","data":null"#,
        #""type":"AAAA","content":"2001:DB8::1","proxied":null,"comment":"""#,
        #""type":"AAAA","content":"""#, #""type":"A","content":null"#, #""type":"A""#, #""type":"""#,
        #""type":"cname","content":"B.example.net.""#, #""type":"CNAME","content":"""#,
        #""type":"TXT","content":"\"v=DKIM1\" \u003c","comment":"a""#, #""type":"TXT","content":7,"data":[1]"#,
        #""type":"CAA","data":{"flags":0,"tag":"issue","value":"x","port":"p"},"priority":"y""#,
        #""type":"SRV","data":{"priority":0,"weight":5,"port":25565,"target":"T.example.net."},"priority":0"#,
        #""type":"SRV","content":"1\t5061 t","data":{"priority":0,"weight":5,"port":25565,"target":"t"}"#,
        #""type":"SRV","content":"1 5061 t.example.net","priority":100"#,
        #""type":"SRV","data":null,"content":"9 1 5061 t.example.net""#,
        #""type":"SRV","data":{"priority":0,"weight":0,"port":65536,"target":"t"}"#,
        #""type":"SRV","data":{"priority":0,"weight":0,"port":5,"target":""}"#,
        // Not its own: a text, a truth or a number in another form, and what comes twice.
        #""type":"A","content":"192.0.2.1","ttl":"60","proxied":"true""#,
        #""type":"A","content":"192.0.2.1","ttl":5.0"#,
        #""type":"A","content":"192.0.2.1","proxied":0"#, #""type":"A","content":"192.0.2.1","proxied":"maybe""#,
        #""type":"A","content":"192.0.2.1","comment":"é""#, #""type":"A","content":"192.0.2.1","comment":"a\u00e9""#,
        #""type":"A","content":"192.0.2.1","comment":{"a":1}"#, #""type":"A","content":192"#,
        #""type":"A","content":"192.0.2.1","comment":null,"comment":"zlh""#,
        #""type":"A","content":"192.0.2.1","comment":"zlh","comment":null"#,
        #""type":"A","content":"192.0.2.1","content":"192.0.2.2""#, #""type":"A","type":"AAAA","content":"::1""#,
        #""type":"A","content":"192.0.2.1","ttl":99999999999999999999"#,
        #""type":"SRV","data":{"priority":"0","weight":5,"port":25565.0,"target":"t"}"#,
        #""type":"SRV","data":{"priority":null,"priority":0,"weight":5,"port":1,"target":"t"}"#,
        #""type":"SRV","data":{"priority":0,"weight":5,"port":1,"target":"t"},"data":null"#,
        #""type":"SRV","data":[],"content":"9 1 5061 t""#, #""type":"SRV","content":"1 5061 t","priority":"7""#,
        #""type":"SRV","content":"1\t5061\tt","priority":7"#,
    ])
    func isTheSameAsTheLenientOne(_ fields: String) throws {
        let body = Self.listing(Self.record(fields) + "," + Self.record(#""type":"A","content":"192.0.2.9""#))
        let plain = try #require(PlainListing.envelope(body))
        let lenient = try CloudflareEnvelope.lenient(body).get()
        #expect(plain.records?.map(\.record) == lenient.records?.map(\.record))
        #expect(plain.records?.count == 2)
        #expect(plain.info == lenient.info && plain.info?.totalCount == 1)
        #expect(plain.success && plain.errors.isEmpty)
    }

    @Test(arguments: [
        #"{"success":true}"#, #"{"success":true,"errors":[],"result":[]}"#, " {\"success\":true,\(info)}\n",
    ])
    func whatIsMissingIsMissing(_ text: String) throws {
        let body = Array(text.utf8)
        let plain = try #require(PlainListing.envelope(body))
        let lenient = try CloudflareEnvelope.lenient(body).get()
        #expect(plain.records?.count == lenient.records?.count)
        #expect(plain.info == lenient.info)
    }

    /// The answer as a whole is left to Foundation.
    @Test(arguments: [
        "", "null", "[]", "{}", #"{"success":false,"errors":[]}"#, #"{"success":"true","errors":[]}"#,
        #"{"success":true,"success":true}"#, #"{"success":true,"errors":null}"#,
        #"{"success":true,"errors":[{"code":1}]}"#,
        #"{"success":true,"errors":[],"errors":[]}"#, #"{"success":true,"result":null}"#,
        #"{"success":true,"result":[],"result":[]}"#, #"{"success":true,"result":[null]}"#,
        #"{"success":true,"result":[{}]}"#, #"{"success":true,"result":[{"id":"","name":"a","type":"A"}]}"#,
        #"{"success":true,"result":[{"id":"x","name":"a","type":null}]}"#,
        #"{"success":true,"result_info":null}"#, #"{"success":true,"result_info":{"page":"1"}}"#,
        #"{"success":true,"result_info":{"page":1.0}}"#, #"{"success":true,"result_info":{"page":1,"page":1}}"#,
        "{\"success\":true,\"more\":" + String(repeating: "[", count: 100_000),
    ])
    func anythingElseIsNotItsOwn(_ text: String) {
        #expect(PlainListing.envelope(Array(text.utf8)) == nil)
    }

    /// What is no JSON is none, wherever in it the broken part lies: nothing else looks at it.
    @Test(arguments: [
        #""a":01"#, #""a":1."#, #""a":.5"#, #""a":-"#, #""a":+1"#, #""a":1e"#, #""a":tru"#, #""a":nulll"#, #""a":[1,]"#,
        #""a":{"b":1,}"#, #""a":{1:2}"#, #""a" 1"#, #""a":"\x""#, #""a":"\u12g4""#, #""a":"\u-001""#, #""a":"\u12"#,
        "\"a\":\"\u{1}\"", "\"a\":\"\n\"", #""a":1 2"#, #""a":'b'"#, #""a":"b"#, #""a":]"#, #""a":NaN"#,
    ])
    func brokenAnywhereIsBroken(_ member: String) {
        #expect(PlainListing.envelope(Self.listing(Self.record(#""type":"TXT",\#(member)"#))) == nil)
        #expect(PlainListing.envelope(Array(#"{\#(Self.frame),\#(member)}"#.utf8)) == nil)
        #expect(!JSONGrammar.accepts(Array(#"{\#(Self.frame),\#(member)}"#.utf8)))
    }

    @Test func aBrokenCharacterIsBroken() throws {
        var body = Self.listing(Self.record(#""type":"TXT","content":"é""#))
        #expect(PlainListing.envelope(body) != nil)
        let place = try #require(body.firstIndex(of: 0xC3))
        body.remove(at: place)
        #expect(PlainListing.envelope(body) == nil)
    }

    /// Cut off anywhere, it is no listing.
    @Test func aCutOffAnswerIsNone() {
        let body = Self.listing(Self.record(#""type":"A","content":"192.0.2.1","comment":"é""#))
        #expect(PlainListing.envelope(body) != nil)
        for end in 0..<body.count { #expect(PlainListing.envelope(Array(body[..<end])) == nil) }
    }
}
