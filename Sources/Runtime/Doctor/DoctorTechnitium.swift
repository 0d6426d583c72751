import Core
import Platform

extension Doctor {
    /// The internal zone: the server's version, the token, and whether the zone can be read whole.
    func internalZone() async -> [Finding] {
        guard let observer = installation.internalZone, let zone = settings.zone else { return [] }
        let session: TechnitiumSession
        switch await observer.session() {
        case .failure(let failure):
            return [Finding(.internalDNS, .fail, failure.detail, remedy: Remedy.technitium(failure.code))]
        case .success(let value): session = value
        }
        var findings = Doctor.judge(session)
        switch await observer.read() {
        case .failure(let failure):
            findings.append(Finding(.internalDNS, .fail, failure.detail, remedy: Remedy.technitium(failure.code)))
        case .success(let reading):
            switch Zone.judge(reading, zone: zone, isOurs: settings.ownsInternal) {
            case .notConfigured: break
            case .failed(let code, let detail, _):
                findings.append(Finding(.internalDNS, .fail, detail, remedy: Remedy.technitium(code)))
            case .read(let listing): findings += Doctor.judge(listing)
            }
        }
        return findings
    }

    /// What a zone that could be read is like.
    static func judge(_ listing: Zone) -> [Finding] {
        let read = Finding(.internalDNS, .ok, listing.detail)
        if listing.expiring.isEmpty { return [read] }
        return [
            read,
            Finding(
                .internalDNS, .warn,
                "\(Words.count(listing.expiring.count, "record")) of ours will be removed by the server itself",
                why: "one day each is missing although nobody did anything, and only a repair makes it anew",
                remedy: "set expiryTtl of \(listing.expiring.map { "'\($0)'" }.prefix(3).joined(separator: ", "))"
                    + (listing.expiring.count > 3 ? " and the others" : "")
                    + " to 0; a correction keeps what it finds there"),
        ]
    }

    /// What a server and a token say of themselves. Which rights the token has on the one zone they do not say: reading it
    /// shows View, and nothing short of a write shows the others.
    static func judge(_ session: TechnitiumSession) -> [Finding] {
        var findings: [Finding] = []
        let server = "Technitium \(session.version)"
        if let major = session.major, major >= TechnitiumSession.oldest {
            findings.append(Finding(.internalDNS, .ok, "\(server), the token is of user '\(session.user)'"))
        } else {
            findings.append(
                Finding(
                    .internalDNS, .fail, "\(server) is too old or unknown: its calls take other parameters",
                    remedy: "upgrade it to \(TechnitiumSession.oldest) or newer"))
        }
        if !session.isAPIToken {
            findings.append(
                Finding(
                    .internalDNS, .warn, "the token is of a login and ends with it",
                    why: "one day the zone is unknown, and nothing in it is repaired any more",
                    remedy: "create an API token (Administration, Sessions, Create Token), which does not expire"))
        }
        if session.isAdministrator {
            findings.append(
                Finding(
                    .internalDNS, .warn, "the token may administer the whole DNS server",
                    why: "whoever gets hold of it owns every zone there",
                    remedy: "make a user of its own, with View, Modify and Delete on the one zone, and a token for it"))
        }
        return findings
    }
}
