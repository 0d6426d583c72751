import Core
import Curl
import Platform
import World

/// A whole audit of the public zone of an estate: fetched page by page, decoded, judged, compared and decided.
struct ZoneBench {
    let laboratory: Laboratory

    func run(runs: Int) async throws -> [Figure] {
        var settings = laboratory.estate.settings
        (settings.proxmox, settings.internalDNS) = (nil, nil)
        (settings.agents, settings.velocity, settings.queues) = (false, false, false)
        let desired = laboratory.estate.desiredState(at: BigFleet.now)
        let client = HTTPClient()
        defer { client.shutdown() }
        let observer = CloudflareObserver(
            url: laboratory.addresses.cloudflare_url, zoneID: laboratory.addresses.zone_id,
            zone: laboratory.addresses.zone, token: Secret(laboratory.addresses.cloudflare_token),
            timeout: .seconds(30),
            client: client, now: { BigFleet.now })
        var whole: [Double] = []
        var floor: [Double] = []
        var records = 0
        for _ in 0...runs {
            let start = Meter.cpu()
            let reading = try await observer.read().get()
            let zone = Zone.judge(reading, zone: laboratory.addresses.zone, plane: .publicDNS)
            let facts = Facts(desired: desired, publicZone: Looks(zone))
            let (expectation, findings) = Diff.run(facts, settings: settings)
            let decisions = Decide(
                expectation: expectation, facts: facts, policies: BigFleet.policies, settings: settings,
                calendar: .always, now: BigFleet.now, dead: []
            ).run(findings)
            whole.append(Meter.cpu() - start)
            guard let judged = zone.value, !decisions.isEmpty else {
                throw BenchError("the zone was not believed: \(String(describing: zone.failure))")
            }
            records = judged.records.count
            let bare = Meter.cpu()
            for page in reading.pages { try await fetch(page.number, client) }
            floor.append(Meter.cpu() - bare)
        }
        return [
            Figure(
                name: "audit of a zone of \(Figure.text(Double(records))) records",
                value: whole.dropFirst().sorted()[runs / 2] / 1000, unit: .seconds, goal: 0.1,
                floor: floor.dropFirst().sorted()[runs / 2] / 1000, floorIs: "the same pages fetched and dropped")
        ]
    }

    private func fetch(_ page: Int, _ client: HTTPClient) async throws {
        let place = "\(laboratory.addresses.cloudflare_url)/zones/\(laboratory.addresses.zone_id)/dns_records"
        let answer = try await client.send(
            HTTPRequest(
                .get, "\(place)?page=\(page)&per_page=5000&order=name&direction=asc",
                headers: [.init("Authorization", Secret("Bearer \(laboratory.addresses.cloudflare_token)"))],
                timeout: .seconds(30), maxBody: 64 << 20))
        guard answer.status == 200 else { throw BenchError("page \(page): \(answer.status)") }
    }
}
