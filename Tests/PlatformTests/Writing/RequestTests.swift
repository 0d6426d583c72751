import Core
import Curl
import Foundation
import Testing

@testable import Platform

/// The requests of the writers, byte by byte where it matters.
@Suite struct RequestTests {
    private func calls(
        _ sink: any SinkWitness, _ verb: Verb, _ write: EdgeWrite? = nil
    ) async throws -> (change: FormServer.Call, answer: WriteAnswer) {
        let well = answer(
            "200 OK", #"{"success":true,"result":{"id":"new"},"errors":[],"status":"ok"}"#,
            headers: ["cf-ray: 8f00-FRA", "cf-auditlog-id: 1-2"])
        let server = try SinkServer(sink, verb, .write(.answers(well)))
        defer { server.stop() }
        let answer = await sink.hand(at: server.port).write(write ?? sink.write(verb), timeout: .seconds(20))
        return (try #require(server.changes.first), answer)
    }

    private func header(_ name: String, of call: FormServer.Call) -> String? {
        call.head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
            .map { String($0.dropFirst(name.utf8.count + 2)) }
    }

    private func form(_ call: FormServer.Call) -> [String: String] {
        let pairs = call.body.split(separator: "&").map { pair -> (String, String) in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts[1].removingPercentEncoding ?? "?")
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private static let path = "/client/v4/zones/\(CloudflareSink.id)/dns_records"

    @Test func cloudflareCreates() async throws {
        let (call, answer) = try await calls(CloudflareSink(), .create)
        #expect(call.method == "POST" && call.target == Self.path)
        #expect(
            call.body
                == #"{"comment":"zlh-controller/demo-1 5990","content":"203.0.113.10","name":"mc-new-5990.example.net","#
                + #""proxied":false,"ttl":60,"type":"A"}"#)
        #expect(header("Content-Type", of: call) == "application/json")
        #expect(header("Authorization", of: call) == "Bearer \(CloudflareSink.token)")
        #expect(answer == .done(id: "new", note: "cf-ray 8f00-FRA, audit 1-2"))
    }

    @Test func cloudflareSendsTheWholeDataOfAService() async throws {
        let rule = Scenery.rule(.publicDNS, isService: true)
        let create = RecordChange(rule, deed: .create).writes[0]
        let call = try await calls(CloudflareSink(), .create, create).change
        #expect(
            call.body
                == #"{"comment":"zlh-controller/demo-1 5990","data":{"port":25565,"priority":0,"#
                + #""target":"mc-new-5990.example.net","weight":0},"name":"_minecraft._tcp.mc-new-5990.example.net","#
                + #""ttl":60,"type":"SRV"}"#)
    }

    @Test func cloudflareCorrectsInPlace() async throws {
        let call = try await calls(CloudflareSink(), .correct).change
        #expect(call.method == "PATCH" && call.target == Self.path + "/a1")
        // Name and type stay what they are.
        #expect(
            call.body
                == #"{"comment":"zlh-controller/demo-1 5990","content":"203.0.113.10","proxied":false,"ttl":60}"#)
        // Without a comment the old one has to go: left out it would stay.
        let record = SinkWrites.wrong(.publicDNS)
        let bare = RecordDraft(name: record.name, data: .a("192.0.2.5"), ttl: 300, comment: nil, isProxied: true)
        let restored = try await calls(CloudflareSink(), .correct, .correct(.publicDNS, record, bare)).change
        #expect(restored.body == #"{"comment":"","content":"192.0.2.5","proxied":true,"ttl":1}"#)
    }

    @Test func cloudflareRemovesByID() async throws {
        let call = try await calls(CloudflareSink(), .remove).change
        #expect(call.method == "DELETE" && call.target == Self.path + "/b2" && call.body.isEmpty)
    }

    @Test func technitiumNamesAllThatItWouldReset() async throws {
        let create = try await calls(TechnitiumSink(), .create).change
        #expect(create.method == "POST" && create.target == "/api/zones/records/add")
        let common = ["token": TechnitiumSink.token, "domain": Scenery.name, "zone": "example.net", "type": "A"]
        let ours = ["ttl": "60", "comments": Scenery.mark, "expiryTtl": "0"]
        #expect(
            form(create)
                == common.merging(ours) { $1 }.merging(["ipAddress": "10.60.0.10", "overwrite": "false"]) { $1 })
        let correct = try await calls(TechnitiumSink(), .correct)
        #expect(correct.change.target == "/api/zones/records/update")
        #expect(
            form(correct.change)
                == common.merging(ours) { $1 }.merging([
                    "ipAddress": "192.0.2.77", "newIpAddress": "10.60.0.10", "disable": "false",
                ]) { $1 })
        #expect(correct.answer == .done(id: nil, note: "the zone's serial was 35 before"))
        let remove = try await calls(TechnitiumSink(), .remove).change
        #expect(remove.target == "/api/zones/records/delete")
        #expect(form(remove) == common.merging(["ipAddress": Scenery.formerEdge]) { $1 })
        #expect(header("Authorization", of: remove) == "Bearer \(TechnitiumSink.token)")
        #expect(header("Content-Type", of: remove) == "application/x-www-form-urlencoded")
    }

    @Test func technitiumNamesAService() async throws {
        let rule = Scenery.rule(.internalDNS, isService: true)
        let create = try await calls(TechnitiumSink(), .create, RecordChange(rule, deed: .create).writes[0]).change
        let values = form(create)
        #expect(values["type"] == "SRV" && values["target"] == Scenery.name && values["port"] == "25565")
        #expect(values["priority"] == "0" && values["weight"] == "0")
    }

    @Test func velocityIsToldTheShortName() async throws {
        let register = try await calls(VelocitySink(), .register).change
        #expect(register.method == "POST" && register.target == "/zpack/register")
        let body = try JSONSerialization.jsonObject(with: Data(register.body.utf8)) as? NSDictionary
        #expect(body == ["server_name": Scenery.host, "address": "10.0.0.90", "port": 25565])
        let withdraw = try await calls(VelocitySink(), .withdraw).change
        #expect(withdraw.target == "/zpack/unregister")
        #expect(withdraw.body == #"{"server_name":"mc-new-5990"}"#)
        #expect(header("X-Zpack-Secret", of: withdraw)?.utf8.count == 64)
        #expect(!withdraw.head.contains(VelocitySink.secret))
    }

    // MARK: Secrets

    private static let all = Sinks.all.indices.flatMap { index in Sinks.all[index].verbs.map { (index, $0) } }

    @Test(arguments: all) func noSecretIsInAURLOrInAMessage(_ index: Int, _ verb: Verb) async throws {
        let sink = Sinks.all[index]
        let secrets = [CloudflareSink.token, TechnitiumSink.token, VelocitySink.secret]
        // A service that repeats what it was sent, in each way in which it can refuse.
        let echoes = ["400 Bad Request", "401 Unauthorized", "500 Internal Server Error", "200 OK"].flatMap { status in
            secrets.map { secret in
                answer(
                    status,
                    #"{"success":false,"status":"error","errorMessage":"bad \#(secret)","errors":[{"code":1,"message":"#
                        + #""bad \#(secret)","error_chain":[{"code":2,"message":"\#(secret)"}]}]}"#,
                    headers: ["cf-ray: ray"])
            }
        }
        for echo in echoes {
            let server = try SinkServer(sink, verb, .write(.answers(echo)))
            let answer = await sink.hand(at: server.port).write(sink.write(verb), timeout: .seconds(20))
            for own in secrets where server.changes.contains(where: { $0.head.contains(own) || $0.body.contains(own) })
            {
                #expect(!"\(answer)".contains(own))
            }
            #expect(server.changes.count == 1)
            for call in server.changes { for secret in secrets { #expect(!call.target.contains(secret)) } }
            server.stop()
        }
    }

    // MARK: What is never sent

    @Test func whatIsNotOursToWriteIsRefused() async throws {
        let record = SinkWrites.wrong(.publicDNS)
        let service = DNSRecord.Data.srv(SRV(priority: 0, weight: 0, port: 1, target: "x.example.net"))
        func draft(_ data: DNSRecord.Data, name: String = Scenery.name, isDisabled: Bool = false) -> RecordDraft {
            RecordDraft(name: name, data: data, ttl: 60, comment: nil, isDisabled: isDisabled)
        }
        var strange = record
        strange.id = "../../other/dns_records/1"
        let backend = VelocityReading.Backend(name: "mc.example.net", address: "10.0.0.1", port: 25565)
        let writes: [(Int, EdgeWrite)] = [
            (0, .create(.publicDNS, draft(.cname("x.example.net")))), (0, .create(.publicDNS, draft(.a("10.0.0.256")))),
            (0, .correct(.publicDNS, record, draft(service))),
            (0, .correct(.publicDNS, record, draft(.a("192.0.2.1"), name: "other.example.net"))),
            (0, .correct(.publicDNS, strange, draft(.a("192.0.2.1")))),
            (0, .create(.internalDNS, draft(.a("192.0.2.1")))),
            (0, .register(Scenery.backend, replacing: [])),
            // A word that stands for whoever asks.
            (1, .create(.internalDNS, draft(.a("request-ip-address")))),
            (1, .create(.internalDNS, draft(.a("192.0.2.1"), name: "mc.example.org"))),
            (1, .create(.internalDNS, draft(.a("192.0.2.1"), isDisabled: true))),
            (1, .create(.publicDNS, draft(.a("192.0.2.1")))),
            (2, .create(.publicDNS, draft(.a("192.0.2.1")))), (2, .register(backend, replacing: [])),
            (2, .register(.init(name: "mc-1", address: "mc-1.internal", port: 25565), replacing: [])),
            (2, .register(.init(name: "mc-1", address: "10.0.0.1", port: 0), replacing: [])),
        ]
        for (index, write) in writes {
            let sink = Sinks.all[index]
            let server = try SinkServer(sink, sink.verbs[0], .write(.http503))
            let answer = await sink.hand(at: server.port).write(write, timeout: .seconds(20))
            #expect(Verdict(answer) == .refused, "\(write): \(answer)")
            #expect(server.changes.isEmpty, "\(write)")
            server.stop()
        }
    }

    @Test func aCredentialThatCannotBeOneIsNotSent() async throws {
        let client = HTTPClient()
        let hands: [(any EdgeHand, EdgeWrite)] = [
            (
                CloudflareWriter(
                    url: "http://127.0.0.1:1/client/v4", zoneID: "z/../x", zone: "example.net", token: Secret("t"),
                    client: client), SinkWrites.write(.create, .publicDNS)
            ),
            (
                TechnitiumWriter(url: "127.0.0.1:1", zone: "example.net", token: Secret("t"), client: client),
                SinkWrites.write(.create, .internalDNS)
            ),
            (
                VelocityWriter(url: "http://127.0.0.1:1", secret: Secret(""), client: client),
                .register(Scenery.backend, replacing: [])
            ),
        ]
        for (hand, write) in hands {
            #expect(Verdict(await hand.write(write, timeout: .seconds(5))) == .refused)
            guard case .unreadable = await hand.look(at: Scenery.name, timeout: .seconds(5)) else {
                Issue.record("it was read")
                continue
            }
        }
    }
}
