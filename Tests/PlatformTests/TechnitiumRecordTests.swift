import Core
import Testing

@testable import Platform

@Suite struct TechnitiumRecordTests {
    private func record(_ fields: String) throws -> TechnitiumRecord {
        let body =
            #"{"status":"ok","response":{"zone":{"name":"x","type":"Primary","disabled":false},"records":[{"#
            + #""name":"N.Example.NET",\#(fields)}]}}"#
        let envelope = try #require(TechnitiumEnvelope<TechnitiumListing>.decode(Array(body.utf8)))
        return try #require(envelope.response?.records.first)
    }

    @Test(arguments: [
        (#""type":"A","rData":{"ipAddress":"192.0.2.1"}"#, DNSRecord.Data.a("192.0.2.1")),
        (#""type":"A","rData":{"ipAddress":"192.0.2.256"}"#, .unreadable(type: "A")),
        (#""type":"A","rData":{"dataType":"DnsUnknownRecordData","data":"x"}"#, .unreadable(type: "A")),
        (#""type":"A","rData":null"#, .unreadable(type: "A")), (#""type":"A""#, .unreadable(type: "A")),
        (#""type":"AAAA","rData":{"ipAddress":"2001:DB8:0::1"}"#, .aaaa("2001:db8::1")),
        (#""type":"AAAA","rData":{"ipAddress":"192.0.2.1"}"#, .unreadable(type: "AAAA")),
        (#""type":"CNAME","rData":{"cname":"Other.Example.net"}"#, .cname("other.example.net")),
        (#""type":"CNAME","rData":{}"#, .unreadable(type: "CNAME")),
        (#""type":"TXT","rData":{"text":"hunter2"}"#, .other(type: "TXT")),
        (#""type":"FWD","rData":{"protocol":"Udp"}"#, .other(type: "FWD")),
        (#""type":"RRSIG","rData":[]"#, .other(type: "RRSIG")),
        (
            #""type":"SRV","rData":{"priority":"0","weight":5,"port":25565.0,"target":"T.Example.net"}"#,
            .srv(SRV(priority: 0, weight: 5, port: 25565, target: "t.example.net"))
        ),
        (
            #""type":"SRV","rData":{"priority":0,"weight":0,"port":1,"target":"."}"#,
            .srv(SRV(priority: 0, weight: 0, port: 1, target: "."))
        ),
        (#""type":"SRV","rData":{"priority":0,"weight":0,"port":65536,"target":"t"}"#, .unreadable(type: "SRV")),
        (#""type":"SRV","rData":{"priority":0,"weight":0,"port":-1,"target":"t"}"#, .unreadable(type: "SRV")),
        (#""type":"SRV","rData":{"priority":0,"weight":0,"port":1}"#, .unreadable(type: "SRV")),
    ])
    func contentsAreCanonical(_ fields: String, _ expected: DNSRecord.Data) throws {
        let record = try record(fields).record
        #expect(record.data == expected)
        #expect(record.name == "n.example.net")
        #expect(record.id == "n.example.net \(expected)")
        #expect(!record.id.contains("hunter2"))
    }

    /// Somebody wrote it, and it is not our mark: such a record is nobody's to change.
    @Test(arguments: [#"{"text":"zlh-controller/t 5001"}"#, "[]", #"["mine"]"#, "true"])
    func aCommentThatIsNoTextIsSomebodysAllTheSame(_ comment: String) throws {
        let record = try record(#""type":"A","rData":{"ipAddress":"192.0.2.1"},"comments":\#(comment)"#).record
        #expect(record.comment == "(a comment that is no text)" && record.data == .a("192.0.2.1"))
    }

    @Test(arguments: [#""comments":"""#, #""comments":null"#, #""ttl":60"#])
    func noCommentIsNone(_ field: String) throws {
        #expect(try record(#""type":"A","rData":{"ipAddress":"192.0.2.1"},\#(field)"#).record.comment == nil)
    }

    @Test(arguments: [#""perhaps""#, "2", "{}", "[]"])
    func aRecordOfWhichNobodyKnowsWhetherItIsServedIsUnreadable(_ disabled: String) throws {
        let fields = #""type":"A","rData":{"ipAddress":"192.0.2.1"},"disabled":\#(disabled)"#
        let record = try record(fields).record
        #expect(record.data == .unreadable(type: "A") && !record.isDisabled)
        #expect(try self.record(#""type":"TXT","rData":{},"disabled":\#(disabled)"#).record.data == .other(type: "TXT"))
        #expect(
            try self.record(#""type":"A","rData":{"ipAddress":"192.0.2.1"},"disabled":null"#).record.data
                == .a("192.0.2.1"))
    }

    @Test func fieldsAreReadLoosely() throws {
        let plain = try record(#""type":"A","rData":{"ipAddress":"192.0.2.1"},"ttl":"60","comments":"""#).record
        #expect(plain.ttl == 60 && plain.comment == nil && !plain.isDisabled)
        #expect(try record(#""type":"A","rData":{},"disabled":"true""#).record.isDisabled)
        #expect(try record(#""type":"soa","rData":{"serial":"4294967295"}"#).serial == 4_294_967_295)
        #expect(try record(#""type":"A","rData":{"serial":7}"#).serial == nil)
    }
}
