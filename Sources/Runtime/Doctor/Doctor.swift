package import Core
import Platform
import Postgres
import Settings

/// Checks each dependency, credential and permission of an installation, and says what to do about each failure.
package struct Doctor: Sendable {
    let installation: Installation
    let settings: PipelineSettings

    /// Those of this configuration, to be held against the leader's; nil where nobody asks.
    let policies: PolicySet?

    package init(_ installation: Installation, policies: PolicySet? = nil) {
        self.policies = policies
        self.installation = installation
        settings = installation.configuration.pipelineSettings()
    }

    /// All findings, in the order of the planes. Writes nothing.
    package func run() async -> [Finding] {
        async let database = database()
        async let proxmox = proxmox()
        async let zone = publicZone()
        async let innerZone = internalZone()
        async let hosts = HostDoctor(installation, settings).run()
        async let queues = queues()
        async let leadership = leadership()
        async let webhooks = webhookFindings()
        let first = await database + leadership + proxmox + zone + innerZone
        return await first + hosts + queues + webhooks + writing()
    }

    private func queues() async -> [Finding] {
        guard let queues = installation.configuration.queues, let observer = installation.queues else { return [] }
        return await queueFindings(observer, queues)
    }

    // MARK: PostgreSQL

    private func database() async -> [Finding] {
        let facts: ServerFacts
        do {
            facts = try await installation.database.serverFacts(timeout: installation.configuration.postgres.timeout)
        } catch {
            let failure = ReadFailure(error, at: WallClock.now())
            return [Finding(.database, .bad, failure.detail, remedy: "nothing can be audited without it")]
        }
        var findings = [Finding(.database, .good, "PostgreSQL \(facts.version), connected as \(facts.user)")]
        let skew = facts.clock - WallClock.now()
        if abs(skew.microseconds) > 2_000_000 {
            findings.append(
                Finding(
                    .database, .warning, "its clock differs from this machine's by \(skew)",
                    remedy: "run a time service on both; ages of heartbeats are judged by these clocks"))
        }
        findings.append(migrations(facts))
        switch await DesiredStateReader(installation.database).read(
            timeout: installation.configuration.postgres.timeout, now: WallClock.now)
        {
        case .failure(let failure):
            findings.append(Finding(.database, .bad, failure.detail, remedy: "grant what is missing, or run migrate"))
        case .success(let desired):
            findings.append(rows(desired))
        }
        return findings
    }

    private func migrations(_ facts: ServerFacts) -> Finding {
        switch facts.applied {
        case .none:
            return Finding(.database, .bad, "it has no schema controller", remedy: "run zlh-controller migrate")
        case .unreadable(let why):
            return Finding(.database, .warning, why, remedy: "run zlh-controller migrate, which grants it")
        case .numbers(let applied):
            let missing = facts.expected.filter { !applied.contains($0) }
            return missing.isEmpty
                ? Finding(.database, .good, "its schema is that of this version")
                : Finding(
                    .database, .bad, "\(missing.count) migrations are missing", remedy: "run zlh-controller migrate")
        }
    }

    private func rows(_ desired: DesiredState) -> Finding {
        if let row = desired.unreadable.first {
            return Finding(
                .database, .warning,
                "\(desired.unreadable.count) rows cannot be understood, e.g. \(row.table.rawValue) "
                    + "\(row.vmid.map(\.description) ?? "without VMID"): \(Foreign.text(row.why))",
                remedy: "correct them; their instances stay unknown and no guest is called an orphan")
        }
        if desired.instances.isEmpty {
            return Finding(
                .database, .warning, "not one instance is desired",
                remedy: "if servers exist, the views do not show them: check controller.desired_instance")
        }
        let excluded = desired.instances.count { !settings.scope.contains($0) }
        if excluded > 0 {
            return Finding(
                .database, .warning,
                "\(desired.instances.count) instances are readable, \(excluded) of them out of scope",
                remedy: "widen scope.*.vmids if these are yours")
        }
        return Finding(.database, .good, "\(desired.instances.count) instances are readable")
    }

    // MARK: Proxmox

    private func proxmox() async -> [Finding] {
        guard let proxmox = installation.configuration.proxmox, let expecting = settings.proxmox,
            let observer = installation.proxmox
        else { return [] }
        var findings: [Finding] = []
        // Each endpoint by itself: a broken one hides behind its neighbours until the neighbours break.
        for url in proxmox.urls {
            switch await observer.read(place: "\(url.scheme)://\(url.host):\(url.port)") {
            case .failure(let failure):
                findings.append(Finding(.proxmox, .bad, failure.detail, remedy: Remedy.proxmox(failure.code)))
            case .success(let reading):
                switch Inventory.judge(reading, expecting: expecting) {
                case .notConfigured: break
                case .failed(let code, let detail, _):
                    findings.append(Finding(.proxmox, .bad, detail, remedy: Remedy.proxmox(code)))
                case .read(let inventory):
                    findings.append(
                        inventory.doubt.map {
                            Finding(.proxmox, .bad, "\(url.text): \($0.detail)", remedy: Remedy.proxmox($0.reason))
                        } ?? Finding(.proxmox, .good, inventory.detail))
                }
            }
        }
        if proxmox.canary == nil {
            findings.append(
                Finding(
                    .proxmox, .warning, "no canary is set",
                    remedy: "set proxmox.canary to a guest that always exists: it proves that listings are whole"))
        }
        if !proxmox.tls.verify && proxmox.tls.fingerprint == nil {
            findings.append(
                Finding(
                    .proxmox, .warning, "its certificate is not verified: whoever answers gets the token",
                    remedy: "set proxmox.tls.ca to the cluster's /etc/pve/pve-root-ca.pem, or pin a fingerprint"))
        }
        return findings
    }

    // MARK: Cloudflare

    private func publicZone() async -> [Finding] {
        guard let observer = installation.publicZone, let zone = settings.zone else { return [] }
        switch await observer.read() {
        case .failure(let failure):
            return [Finding(.publicDNS, .bad, failure.detail, remedy: Remedy.cloudflare(failure.code))]
        case .success(let reading):
            switch Zone.judge(reading, zone: zone, plane: .publicDNS) {
            case .notConfigured: return []
            case .failed(let code, let detail, _):
                return [Finding(.publicDNS, .bad, detail, remedy: Remedy.cloudflare(code))]
            case .read(let listing):
                var findings = [Finding(.publicDNS, .good, listing.detail)]
                if listing.isDoubtful {
                    findings = [
                        Finding(
                            .publicDNS, .bad, "the zone holds no record at all, which is never believed",
                            remedy: "check dns.public.zone_id; a zone that is really new needs one record")
                    ]
                } else if listing.records.count >= 190 && listing.records.count <= 200 {
                    findings.append(
                        Finding(
                            .publicDNS, .warning,
                            "a new Free zone takes 200 records, this one has \(listing.records.count)",
                            remedy: "two records for each server: move to a paid plan before it is full"))
                }
                return findings
            }
        }
    }
}
