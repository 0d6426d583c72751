import Core
import Platform
import TestSupport
import World

/// What each service sends, as bytes.
extension DressedEstate {
    mutating func proxmox(suspects: [VMID], addressesOf: [VMID]) throws -> ProxmoxReading {
        var rows: [String] = []
        for vmid in vmids {
            rows.append(
                wardrobe.object([
                    ("type", wardrobe.text(isSpoilt(.guestKind, vmid) ? "qemu" : "lxc")),
                    ("vmid", wardrobe.number(isSpoilt(.guestNumber, vmid) ? vmid + 20_000 : vmid)),
                    ("node", wardrobe.text(isSpoilt(.guestNode, vmid) ? "n2" : "n1")),
                    ("status", wardrobe.text(isSpoilt(.guestPower, vmid) ? "stopped" : "running")),
                    (
                        "name",
                        wardrobe.text(
                            isSpoilt(.guestName, vmid)
                                ? "mc-paper-1" : wardrobe.hostName(name(vmid), zone: Self.zone))
                    ),
                    ("template", wardrobe.optionalFlag(isSpoilt(.guestTemplate, vmid))), ("lock", wardrobe.nothing()),
                    ("pool", wardrobe.nothing()),
                ]))
        }
        let nodes = ["n1", "n2"]
        for node in nodes {
            rows.append(
                wardrobe.object([
                    ("type", "\"node\""), ("node", wardrobe.text(node)), ("status", wardrobe.text("online")),
                ]))
        }
        rows.append(wardrobe.object([("type", "\"storage\""), ("storage", "\"local\""), ("node", "\"n1\"")]))
        var status = nodes.map { wardrobe.object([("type", "\"node\""), ("name", wardrobe.text($0))]) }
        status.append(
            wardrobe.object([("type", "\"cluster\""), ("name", "\"prod\""), ("quorate", wardrobe.flag(true))]))
        let rights = wardrobe.object(
            [("VM.Audit", wardrobe.flag(true)), ("Sys.Audit", wardrobe.flag(true))], isMap: true)
        let paths = wardrobe.object([(wardrobe.dice.one(of: ["/", "/vms"]), rights)], isMap: true)
        var reading = try WireBody.proxmox(
            resources: body([("data", wardrobe.list(rows))]), status: body([("data", wardrobe.list(status))]),
            permissions: body([("data", paths)]),
            at: Fleet.now)
        // What a second look asks besides, in the control alone: nothing is suspected where nothing differs.
        if !suspects.isEmpty { reading.probes = Dictionary(uniqueKeysWithValues: suspects.map { ($0, true) }) }
        if !addressesOf.isEmpty {
            reading.addresses = Dictionary(
                uniqueKeysWithValues: addressesOf.map {
                    ($0, GuestAddresses(ipv4: [address(Int($0.number))], isWhole: true))
                })
        }
        return reading
    }

    mutating func publicZone() throws -> ZoneReading {
        var rows = [
            wardrobe.object([
                ("id", "\"apex\""), ("name", wardrobe.text(wardrobe.dnsName(Self.zone))), ("type", "\"TXT\""),
                ("content", "\"v=spf1 -all\""), ("ttl", wardrobe.ttl()),
            ])
        ]
        for vmid in vmids {
            let host = "\(name(vmid)).\(Self.zone)"
            let aName = isSpoilt(.publicAName, vmid) ? "www.\(Self.zone)" : host
            rows.append(
                wardrobe.object([
                    ("id", "\"a\(vmid)\""), ("name", wardrobe.text(wardrobe.dnsName(aName))),
                    ("type", wardrobe.text(wardrobe.cased(isSpoilt(.publicAType, vmid) ? "TXT" : "A"))),
                    ("content", wardrobe.text(isSpoilt(.publicAContent, vmid) ? "203.0.113.77" : Self.edge)),
                    ("proxied", wardrobe.optionalFlag(isSpoilt(.publicAProxied, vmid))), ("ttl", wardrobe.ttl()),
                    ("comment", wardrobe.nothing()),
                ]))
            let srv = srv(
                vmid, host: host, .publicSRVPriority, .publicSRVWeight, .publicSRVPort, .publicSRVTarget)
            let srvName = isSpoilt(.publicSRVName, vmid) ? "_other._tcp.\(host)" : "_minecraft._tcp.\(host)"
            var members: [(name: String, value: String?)] = [
                ("id", "\"s\(vmid)\""), ("name", wardrobe.text(wardrobe.dnsName(srvName))),
                ("type", wardrobe.text(wardrobe.cased("SRV"))), ("proxied", wardrobe.optionalFlag(false)),
                ("ttl", wardrobe.ttl()), ("comment", wardrobe.nothing()),
            ]
            // Apart in `data`, or as text: of three fields with the priority beside it, or of four.
            let text = "\(srv.weight) \(srv.port) \(srv.target)"
            switch wardrobe.dice.below(3) {
            case 0: members.append(("data", srvData(srv)))
            case 1: members += [("content", wardrobe.text(text)), ("priority", wardrobe.number(srv.priority))]
            default: members += [("content", wardrobe.text("\(srv.priority)\t\(text)")), ("data", "null")]
            }
            rows.append(wardrobe.object(members))
        }
        return ZoneReading(endpoint: "https://api.example.com", pages: try pages(rows), startedAt: Fleet.now)
    }

    private mutating func pages(_ rows: [String]) throws -> [ZoneReading.Page] {
        let rows = rows.shuffled(using: &wardrobe.dice)
        let count = 1 + wardrobe.dice.below(3)
        let size = (rows.count + count - 1) / count
        var pages: [ZoneReading.Page] = []
        for (index, start) in stride(from: 0, to: rows.count, by: size).enumerated() {
            let part = Array(rows[start..<min(rows.count, start + size)])
            let info = wardrobe.object([
                ("page", wardrobe.dice.one(of: [nil, wardrobe.number(index + 1)])), ("per_page", wardrobe.number(size)),
                ("count", wardrobe.number(part.count)), ("total_count", wardrobe.number(rows.count)),
                ("total_pages", wardrobe.dice.one(of: [nil, wardrobe.number(count)])),
            ])
            let page = body([
                ("success", "true"), ("errors", wardrobe.dice.one(of: [nil, "null", "[]"])),
                ("result", wardrobe.list(part)), ("result_info", info),
            ])
            pages.append(try page.cloudflarePage(index + 1))
        }
        return pages
    }

    mutating func internalZone() throws -> TechnitiumReading {
        let zone = wardrobe.dnsName(Self.zone)
        var rows = [
            record(zone, "SOA", [("serial", wardrobe.number(35))]),
            record(zone, "NS", [("nameServer", "\"ns1.example.net\"")]),
        ]
        for vmid in vmids {
            let host = "\(name(vmid)).\(Self.zone)"
            let aName = isSpoilt(.internalAName, vmid) ? "www.\(Self.zone)" : host
            rows.append(
                record(
                    wardrobe.dnsName(aName), isSpoilt(.internalAType, vmid) ? "TXT" : "A",
                    [("ipAddress", wardrobe.text(isSpoilt(.internalAContent, vmid) ? "10.0.0.77" : Self.internalEdge))],
                    isDisabled: isSpoilt(.internalADisabled, vmid)))
            let srv = srv(
                vmid, host: host, .internalSRVPriority, .internalSRVWeight, .internalSRVPort, .internalSRVTarget)
            let srvName = isSpoilt(.internalSRVName, vmid) ? "_other._tcp.\(host)" : "_minecraft._tcp.\(host)"
            rows.append(record(wardrobe.dnsName(srvName), "SRV", nil, data: srvData(srv)))
        }
        let info = wardrobe.object([
            ("name", wardrobe.text(zone)), ("type", "\"Primary\""), ("disabled", wardrobe.flag(false)),
            ("soaSerial", wardrobe.dice.one(of: [nil, wardrobe.number(35)])),
        ])
        let response = wardrobe.object([("zone", info), ("records", wardrobe.list(rows))])
        return try body([("status", "\"ok\""), ("response", response)]).technitium(at: Fleet.now)
    }

    private mutating func record(
        _ name: String, _ type: String, _ content: [(name: String, value: String?)]?, data: String? = nil,
        isDisabled: Bool = false
    ) -> String {
        wardrobe.object([
            ("name", wardrobe.text(name)), ("type", wardrobe.text(wardrobe.cased(type))), ("ttl", wardrobe.ttl()),
            ("disabled", wardrobe.optionalFlag(isDisabled)), ("comments", wardrobe.nothing()),
            ("rData", data ?? wardrobe.object(content ?? [])),
        ])
    }

    private func srv(
        _ vmid: Int, host: String, _ priority: ComparedField, _ weight: ComparedField, _ port: ComparedField,
        _ target: ComparedField
    ) -> SRV {
        SRV(
            priority: isSpoilt(priority, vmid) ? 5 : 0, weight: isSpoilt(weight, vmid) ? 5 : 0,
            port: isSpoilt(port, vmid) ? 25_566 : 25_565, target: isSpoilt(target, vmid) ? "x.\(host)" : host)
    }

    private mutating func srvData(_ srv: SRV) -> String {
        wardrobe.object([
            ("priority", wardrobe.number(srv.priority)), ("weight", wardrobe.number(srv.weight)),
            ("port", wardrobe.number(srv.port)), ("target", wardrobe.text(wardrobe.dnsName(srv.target))),
        ])
    }

    mutating func velocity() throws -> VelocityReading {
        var rows = [wardrobe.object([("name", "\"lobby\""), ("address", "\"10.0.0.6\""), ("port", "25565")])]
        for vmid in vmids {
            let host = isSpoilt(.backendName, vmid) ? "x-\(vmid)" : name(vmid)
            let address = isSpoilt(.backendAddress, vmid) ? "10.70.99.99" : address(vmid)
            rows.append(
                wardrobe.object([
                    ("name", wardrobe.text(wardrobe.dnsName(host))),
                    ("address", wardrobe.text(wardrobe.dice.one(of: ["", "/"]) + address)),
                    ("port", wardrobe.number(isSpoilt(.backendPort, vmid) ? 25_566 : 25_565)),
                ]))
        }
        return try body([("servers", wardrobe.list(rows))]).velocity(at: Fleet.now)
    }

    mutating func agents(_ targets: [AgentTarget]) -> AgentReading {
        let polls = targets.map { target in
            let state = isSpoilt(.agentState, Int(target.key.vmid.number)) ? "crashed" : "running"
            let status = body([
                ("state", wardrobe.text(wardrobe.cased(state))), ("ready", wardrobe.flag(true)),
                ("processRunning", wardrobe.dice.one(of: [nil, "null", wardrobe.flag(true)])),
                ("operationInProgress", wardrobe.optionalFlag(false)), ("maintenance", wardrobe.optionalFlag(false)),
                ("crashCount", wardrobe.dice.one(of: [nil, wardrobe.number(2)])),
            ]).agentStatus()
            return AgentReading.Poll(target: target, answer: status.map { .status($0) } ?? .failed(.malformed))
        }
        return AgentReading(polls: polls, startedAt: Fleet.now)
    }

    private mutating func body(_ members: [(name: String, value: String?)]) -> WireBody {
        WireBody(Array(wardrobe.object(members).utf8))
    }
}
