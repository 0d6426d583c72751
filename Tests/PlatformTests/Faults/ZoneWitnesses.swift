import Core
import Curl
import Foundation

@testable import Platform

/// The address record of `a.example.net` in the public zone.
struct CloudflareWitness: HTTPWitness {
    let name = "cloudflare"
    private static let record = #"{"id":"r1","name":"a.example.net","type":"A","content":"203.0.113.10","ttl":60}"#
    private static let other = #"{"id":"r2","name":"b.example.net","type":"A","content":"203.0.113.10","ttl":60}"#
    private static let stranger = #"{"id":"r3","name":"a.example.org","type":"A","content":"203.0.113.10","ttl":60}"#

    private static func page(_ rows: [String], _ number: Int = 1, of pages: Int = 1, total: Int? = nil) -> String {
        answer(
            "200 OK",
            #"{"result":[\#(rows.joined(separator: ","))],"success":true,"errors":[],"result_info":{"page":\#(number),"#
                + #""count":\#(rows.count),"total_count":\#(total ?? rows.count),"total_pages":\#(pages)}}"#)
    }

    var healthy: Serving { .answers(Self.page([Self.record, Self.other])) }

    func cell(of fault: AnswerFault) -> Cell {
        switch fault {
        case .truncatedList: .unknown(.partialListing, .answers(Self.page([Self.other], total: 2)))
        case .lostPage:
            .unknown(
                .partialListing,
                .answersBy { target, _ in
                    target.contains("?page=1&")
                        ? Self.page([Self.other], 1, of: 2, total: 2) : Self.page([], 2, of: 2, total: 2)
                })
        case .duplicates: .unknown(.changedWhileRead, .answers(Self.page([Self.other, Self.other])))
        case .staleCopy:
            .unknownInSecondLook(.notConfirmed, first: healthy, second: .answers(Self.page([Self.other])))
        case .wrongPlace: .unknown(.wrongZone, .answers(Self.page([Self.stranger])))
        case .wrongType: .unknown(.malformed, .json(#"{"success":true,"errors":[],"result":{},"result_info":{}}"#))
        }
    }

    func look(at ports: [UInt16], timeout: Span, isPermitted: Bool) async throws -> Seen {
        var looks: [PlaneFact<Zone>] = []
        for port in ports {
            let observer = CloudflareObserver(
                url: "http://127.0.0.1:\(port)/client/v4", zoneID: "0123456789abcdef", zone: "example.net",
                token: Secret("token-of-cloudflare"), timeout: timeout, client: HTTPClient(),
                now: { Timestamp(seconds: 7) })
            looks.append(await observer.read().judged { Zone.judge($0, zone: "example.net", plane: .publicDNS) })
        }
        return seen(
            in: Facts(desired: .none, publicZone: Looks(of: looks), isConfirming: looks.count > 1), .publicDNS)
    }
}

/// The address record of `a.example.net` in the internal zone.
struct TechnitiumWitness: HTTPWitness {
    let name = "technitium"
    private static let apex = [
        #"{"name":"example.net","type":"SOA","ttl":900,"disabled":false,"rData":{"serial":35}}"#,
        #"{"name":"example.net","type":"NS","ttl":900,"disabled":false,"rData":{"nameServer":"ns1.example.net"}}"#,
    ]
    private static func record(_ host: String) -> String {
        #"{"name":"\#(host)","type":"A","ttl":60,"disabled":false,"rData":{"ipAddress":"10.0.0.5"}}"#
    }
    private static let record = record("a.example.net")
    private static let other = record("b.example.net")

    private static func listing(_ rows: [String], zone: String = "example.net", type: String = "Primary") -> Serving {
        .json(
            #"{"response":{"zone":{"name":"\#(zone)","type":"\#(type)","disabled":false,"soaSerial":35},"records":["#
                + rows.joined(separator: ",") + #"]},"status":"ok"}"#)
    }

    // It answers 200 whatever happens, and says in the body what did.
    var unauthorized: Serving { .json(#"{"status":"invalid-token","errorMessage":"Invalid token."}"#) }
    var forbidden: Serving { .json(#"{"status":"error","errorMessage":"Access was denied."}"#) }
    var notFound: Serving { .json(#"{"status":"error","errorMessage":"No such zone was found: example.net"}"#) }
    var healthy: Serving { Self.listing(Self.apex + [Self.record, Self.other]) }

    func cell(of fault: AnswerFault) -> Cell {
        switch fault {
        case .truncatedList: .unknown(.partialListing, Self.listing([Self.apex[0], Self.other]))
        case .lostPage: .cannotHappen("one answer, without pages")
        case .duplicates: .unknown(.malformed, Self.listing(Self.apex + [Self.other, Self.other]))
        case .staleCopy: .unknown(.wrongZone, Self.listing(Self.apex + [Self.other], type: "Secondary"))
        case .wrongPlace: .unknown(.wrongZone, Self.listing([Self.other], zone: "net"))
        case .wrongType: .unknown(.malformed, .json(#"{"status":"ok","response":{"zone":[],"records":{}}}"#))
        }
    }

    func look(at ports: [UInt16], timeout: Span, isPermitted: Bool) async throws -> Seen {
        var looks: [PlaneFact<Zone>] = []
        for port in ports {
            let observer = TechnitiumObserver(
                url: "http://127.0.0.1:\(port)/api", zone: "example.net", token: Secret("token-of-technitium"),
                timeout: timeout, client: HTTPClient(), now: { Timestamp(seconds: 7) })
            looks.append(await observer.read().judged { Zone.judge($0, zone: "example.net") })
        }
        return seen(
            in: Facts(desired: .none, internalZone: Looks(of: looks), isConfirming: looks.count > 1), .internalDNS)
    }
}

private func seen(in facts: Facts, _ plane: Plane) -> Seen {
    let zone = facts.zone(plane).latest.value
    if zone?.records(named: "a.example.net").isEmpty == false { return .present }
    return Seen(facts.confirmAbsence(in: plane) { $0.records(named: "a.example.net").isEmpty })
}
