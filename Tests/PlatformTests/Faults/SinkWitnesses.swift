import Core
import Curl

@testable import Platform

struct CloudflareSink: HTTPSink {
    let name = "cloudflare"
    let verbs: [Verb] = [.create, .correct, .remove]
    static let token = "token-of-cloudflare-0123456789"
    static let id = "0123456789abcdef0123456789abcdef"

    /// The name, and a record of the zone to confirm it; one record by its id.
    func reads(_ verb: Verb) -> Int { verb == .create ? 2 : 1 }

    func hand(at port: UInt16) -> any EdgeHand {
        CloudflareWriter(
            url: "http://127.0.0.1:\(port)/client/v4", zoneID: Self.id, zone: Scenery.zone, token: Secret(Self.token),
            client: HTTPClient())
    }

    func write(_ verb: Verb) -> EdgeWrite { SinkWrites.write(verb, .publicDNS) }

    private static func row(_ record: DNSRecord, comment: String? = nil) -> String {
        guard case .a(let address) = record.data else { return "" }
        let comment = (comment ?? record.comment).map { "\"\($0)\"" } ?? "null"
        return #"{"id":"\#(record.id)","name":"\#(record.name)","type":"A","content":"\#(address)","#
            + #""ttl":\#(record.ttl),"proxied":false,"comment":\#(comment)}"#
    }

    private static func page(_ rows: [String]) -> String {
        answer(
            "200 OK",
            #"{"result":[\#(rows.joined(separator: ","))],"success":true,"errors":[],"result_info":{"page":1,"#
                + #""count":\#(rows.count),"total_count":\#(rows.count),"total_pages":1}}"#)
    }

    private static func one(_ row: String) -> String {
        answer("200 OK", #"{"result":\#(row),"success":true,"errors":[]}"#)
    }

    private static let apex = #"{"id":"apex","name":"example.net","type":"TXT","content":"x","ttl":1}"#

    func reading(_ call: FormServer.Call, _ verb: Verb) -> String {
        if call.target.contains("&name=") { return Self.page([]) }
        if call.target.contains("?page=") { return Self.page([Self.apex]) }
        return Self.one(Self.row(verb == .remove ? SinkWrites.surplus(.publicDNS) : SinkWrites.wrong(.publicDNS)))
    }

    func isChange(_ call: FormServer.Call) -> Bool { call.method != "GET" }

    // For who asks for one record it is an answer without that record.
    var elsewhere: Serving {
        .answers(Self.page([#"{"id":"x","name":"a.example.org","type":"A","content":"192.0.2.1","ttl":60}"#]))
    }

    func changed(_ call: FormServer.Call, _ verb: Verb) -> String {
        if call.target.contains("?page=") { return Self.page([Self.row(SinkWrites.wrong(.publicDNS))]) }
        let record = verb == .remove ? SinkWrites.surplus(.publicDNS) : SinkWrites.wrong(.publicDNS)
        return Self.one(Self.row(record, comment: "new"))
    }

    private static func refusal(_ status: String, _ code: Int, _ more: String = "") -> Misconduct {
        .write(
            .answers(
                answer(
                    status,
                    #"{"result":null,"success":false,"errors":[{"code":\#(code),"message":"No."\#(more)}],"messages":[]}"#
                )))
    }

    func cell(of word: SinkWord) -> SinkCell {
        switch word {
        case .unauthorized: .said(.refused, Self.refusal("401 Unauthorized", 10000))
        case .forbidden: .said(.refused, Self.refusal("403 Forbidden", 9109))
        case .notFound: .said(.refused, Self.refusal("404 Not Found", 7003))
        case .gone: .said(.moved, Self.refusal("404 Not Found", 81044))
        case .exists: .said(.moved, Self.refusal("400 Bad Request", 81058))
        case .quota: .said(.refused, Self.refusal("400 Bad Request", 81045))
        case .invalid:
            .said(
                .refused,
                Self.refusal("400 Bad Request", 1004, #","error_chain":[{"code":9021,"message":"Invalid TTL."}]"#))
        case .busy: .cannotHappen("no answer of its API means only that")
        case .malformed: .said(.unknown, .write(.httpPage))
        case .empty: .said(.unknown, .write(.httpEmpty))
        case .wrongType: .said(.unknown, .write(.json(#"{"success":"yes","result":[]}"#)))
        }
    }
}

struct TechnitiumSink: HTTPSink {
    let name = "technitium"
    let verbs: [Verb] = [.create, .correct, .remove]
    static let token = "token-of-technitium-0123456789"

    /// The name, and the zone's apex.
    func reads(_ verb: Verb) -> Int { 2 }

    func hand(at port: UInt16) -> any EdgeHand {
        TechnitiumWriter(
            url: "http://127.0.0.1:\(port)/api", zone: Scenery.zone, token: Secret(Self.token), client: HTTPClient())
    }

    func write(_ verb: Verb) -> EdgeWrite { SinkWrites.write(verb, .internalDNS) }

    private static func row(_ record: DNSRecord, comment: String? = nil) -> String {
        guard case .a(let address) = record.data else { return "" }
        let comment = (comment ?? record.comment).map { #","comments":"\#($0)""# } ?? ""
        return #"{"name":"\#(record.name)","type":"A","ttl":\#(record.ttl),"disabled":false\#(comment),"#
            + #""rData":{"ipAddress":"\#(address)"}}"#
    }

    private static func listing(_ rows: [String], zone: String = "example.net") -> String {
        answer(
            "200 OK",
            #"{"response":{"zone":{"name":"\#(zone)","type":"Primary","disabled":false,"soaSerial":35},"records":["#
                + rows.joined(separator: ",") + #"]},"status":"ok"}"#)
    }

    private static let apex = [
        #"{"name":"example.net","type":"SOA","ttl":900,"disabled":false,"rData":{"serial":35}}"#,
        #"{"name":"example.net","type":"NS","ttl":900,"disabled":false,"rData":{"nameServer":"ns1.example.net"}}"#,
    ]

    func reading(_ call: FormServer.Call, _ verb: Verb) -> String {
        if call.body.contains("domain=example.net&") { return Self.listing(Self.apex) }
        switch verb {
        case .correct: return Self.listing([Self.row(SinkWrites.wrong(.internalDNS))])
        case .remove: return Self.listing([Self.row(SinkWrites.surplus(.internalDNS))])
        default: return Self.listing([])
        }
    }

    func isChange(_ call: FormServer.Call) -> Bool { !call.target.hasSuffix("/get") }

    var elsewhere: Serving { .answers(Self.listing(Self.apex, zone: "net")) }

    func changed(_ call: FormServer.Call, _ verb: Verb) -> String {
        if call.body.contains("domain=example.net&") { return Self.listing(Self.apex) }
        let record = verb == .remove ? SinkWrites.surplus(.internalDNS) : SinkWrites.wrong(.internalDNS)
        return Self.listing([Self.row(record, comment: "new")])
    }

    private static func said(_ status: String, _ text: String) -> Misconduct {
        .write(.json(#"{"server":"dns1","status":"\#(status)","errorMessage":"\#(text)"}"#))
    }

    func cell(of word: SinkWord) -> SinkCell {
        switch word {
        case .unauthorized: .said(.refused, Self.said("invalid-token", "Invalid token or session expired."))
        case .forbidden: .said(.refused, Self.said("error", "Access was denied."))
        case .notFound: .said(.refused, .write(.http404))
        case .gone: .said(.moved, Self.said("error", "Cannot delete record: no such record exists."))
        case .exists: .said(.moved, Self.said("error", "Cannot add record: record already exists."))
        case .quota: .cannotHappen("it counts no records")
        case .invalid: .said(.refused, Self.said("error", "TTL cannot be greater than SOA EXPIRE."))
        case .busy: .said(.refused, Self.said("error", "Cannot set records. Please try again."))
        case .malformed: .said(.unknown, .write(.httpPage))
        case .empty: .said(.unknown, .write(.httpEmpty))
        case .wrongType: .said(.unknown, .write(.json(#"{"status":["ok"],"response":7}"#)))
        }
    }
}

struct VelocitySink: HTTPSink {
    let name = "velocity"
    let verbs: [Verb] = [.register, .withdraw]
    static let secret = "secret-of-velocity"

    func reads(_ verb: Verb) -> Int { 1 }

    func hand(at port: UInt16) -> any EdgeHand {
        VelocityWriter(url: "http://127.0.0.1:\(port)", secret: Secret(Self.secret), client: HTTPClient())
    }

    func write(_ verb: Verb) -> EdgeWrite {
        verb == .register ? .register(Scenery.backend, replacing: []) : .withdraw(Scenery.backend)
    }

    private static func list(_ address: String?) -> String {
        let row = address.map { #"{"name":"\#(Scenery.host)","address":"\#($0)","port":25565}"# } ?? ""
        return answer("200 OK", #"{"servers":[\#(row)]}"#)
    }

    func reading(_ call: FormServer.Call, _ verb: Verb) -> String {
        Self.list(verb == .register ? nil : Scenery.backend.address)
    }

    func isChange(_ call: FormServer.Call) -> Bool { call.method != "GET" }

    var elsewhere: Serving { .json("{}") }

    // What is to be registered stands there already, what is to be withdrawn is another one.
    func changed(_ call: FormServer.Call, _ verb: Verb) -> String {
        Self.list(verb == .register ? Scenery.backend.address : "10.0.0.91")
    }

    func cell(of word: SinkWord) -> SinkCell {
        switch word {
        case .unauthorized: .said(.refused, .write(.http401))
        case .forbidden: .said(.refused, .write(.http403))
        case .notFound: .said(.refused, .write(.http404), except: [.withdraw: .moved])
        case .gone: .cannotHappen("404 says it")
        case .exists: .cannotHappen("a name is taken over, whatever it stood for")
        case .quota: .cannotHappen("it counts no backends")
        case .invalid: .said(.refused, .write(.answers(answer("400 Bad Request", "Bad Request"))))
        case .busy: .cannotHappen("no answer of the bridge means only that")
        case .malformed: .said(.unknown, .write(.httpPage))
        // The bridge answers with a text that nobody parses.
        case .empty: .said(.done, .write(.httpEmpty))
        case .wrongType: .said(.done, .write(.json("[1]")))
        }
    }
}

/// The writes of both zones, made of what the servers above show.
enum SinkWrites {
    /// At the name, of the right type, with a wrong address and no comment.
    static func wrong(_ plane: Plane) -> DNSRecord { record(plane, "192.0.2.77", id: "a1") }
    static func surplus(_ plane: Plane) -> DNSRecord { record(plane, Scenery.formerEdge, id: "b2") }

    private static func record(_ plane: Plane, _ address: String, id: String) -> DNSRecord {
        DNSRecord(
            id: plane == .publicDNS ? id : TechnitiumReading.id(of: Scenery.name, .a(address)), name: Scenery.name,
            data: .a(address), ttl: 60, comment: nil)
    }

    static func write(_ verb: Verb, _ plane: Plane) -> EdgeWrite {
        let rule = Scenery.rule(plane)
        let deed: RecordChange.Deed =
            switch verb {
            case .correct: .correct(wrong(plane))
            case .remove: .removeSurplus([surplus(plane)], keeping: wrong(plane))
            case .create, .register, .withdraw: .create
            }
        return RecordChange(rule, deed: deed).writes[0]
    }
}
