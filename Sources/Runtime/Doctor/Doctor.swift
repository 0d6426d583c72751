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

    /// Clocks that differ by more than this are told: heartbeats, leases and the age of jobs are judged by them.
    static let mostSkew = Span.seconds(2)

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
        let all = await first + hosts + queues + webhooks + writing()
        // When all have answered.
        return all + clockFindings()
    }

    /// The findings as what is printed of them.
    package func report() async -> DoctorReport {
        let findings = await run()
        return DoctorReport(
            generatedAt: installation.now(), id: installation.configuration.id,
            mode: installation.configuration.mode.rawValue, findings: findings,
            notConfigured: Plane.allCases.filter { !settings.isConfigured($0) })
    }

    private func queues() async -> [Finding] {
        let configuration = installation.configuration
        guard let queues = configuration.queues, let observer = installation.queues else {
            return configuration.redis == nil ? [] : [Doctor.unseenWorkers]
        }
        return await queueFindings(observer, queues)
    }

    // MARK: PostgreSQL

    private func database() async -> [Finding] {
        let asked = installation.now()
        let facts: ServerFacts
        do {
            facts = try await installation.database.serverFacts(timeout: installation.configuration.postgres.timeout)
        } catch {
            let failure = ReadFailure(error, at: installation.now())
            return [
                Finding(
                    .database, .fail, failure.detail,
                    remedy: "is PostgreSQL running at postgres.url, and are role, password and database right?")
            ]
        }
        let skew = Doctor.skew(of: facts.clock, asked: asked, answered: installation.now())
        var findings = Doctor.judge(facts, skew: skew, runs: installation.configuration.redis != nil)
        findings.append(migrations(facts))
        // What it lacks it may only not have heard of yet; that it is one is said.
        if facts.isInRecovery { return findings }
        switch await DesiredStateReader(installation.database).read(
            timeout: installation.configuration.postgres.timeout, now: installation.now)
        {
        case .failure(let failure):
            findings.append(Finding(.database, .fail, failure.detail, remedy: "grant what is missing, or run migrate"))
        case .success(let desired):
            findings.append(rows(desired))
        }
        return findings
    }

    /// What the server says of itself.
    ///
    /// - Parameter runs: whether the configuration has what a daemon needs besides.
    static func judge(_ facts: ServerFacts, skew: Span, runs: Bool) -> [Finding] {
        let server = "PostgreSQL \(facts.version), connected as \(facts.user)"
        var findings: [Finding] = []
        if facts.major >= ServerFacts.oldest {
            findings.append(Finding(.database, .ok, server))
        } else {
            findings.append(
                Finding(
                    .database, .warn, "\(server): older than any that this version is tried with",
                    why: "what it does otherwise is not known here, and its makers may not mend it any more",
                    remedy: "upgrade it to \(ServerFacts.oldest) or newer"))
        }
        if facts.isInRecovery {
            findings.append(
                Finding(
                    .database, .fail, "it is a standby (pg_is_in_recovery)",
                    why:
                        "it may lag, so that a new server looks like an orphan, and it takes neither a claim nor a lease",
                    remedy: "point postgres.url at the primary"))
        }
        if abs(skew.microseconds) > mostSkew.microseconds {
            findings.append(
                Finding(
                    .database, .warn, "its clock differs from this machine's by \(skew)",
                    why: "the ages of heartbeats and leases are judged by these clocks",
                    remedy: "run a time service on both"))
        }
        if runs, facts.mayLead == false {
            findings.append(
                Finding(
                    .database, .warn, "the role \(facts.user) may read and no more",
                    why: "an audit needs nothing else; run could neither lead nor write down what it does",
                    remedy: "for run, give postgres.url the role zlh_run"))
        }
        return findings
    }

    private func migrations(_ facts: ServerFacts) -> Finding {
        switch facts.applied {
        case .none:
            return Finding(.database, .fail, "it has no schema controller", remedy: "run zlh-controller migrate")
        case .unreadable(let why):
            return Finding(.database, .warn, why, remedy: "run zlh-controller migrate, which grants it")
        case .numbers(let applied):
            let missing = facts.expected.filter { !applied.contains($0) }
            return missing.isEmpty
                ? Finding(.database, .ok, "its schema is that of this version")
                : Finding(
                    .database, .fail, "\(missing.count) migrations are missing", remedy: "run zlh-controller migrate")
        }
    }

    private func rows(_ desired: DesiredState) -> Finding {
        if let row = desired.unreadable.first {
            return Finding(
                .database, .warn,
                "\(desired.unreadable.count) rows cannot be understood, e.g. \(row.table.rawValue) "
                    + "\(row.vmid.map(\.description) ?? "without VMID"): \(Foreign.text(row.why))",
                why: "their instances stay unknown, and no guest is called an orphan",
                remedy: "correct them")
        }
        if desired.instances.isEmpty {
            return Finding(
                .database, .warn, "not one instance is desired",
                why: "an empty database and a broken view look alike: no guest is called an orphan",
                remedy: "if servers exist, the views do not show them: check controller.desired_instance")
        }
        let excluded = desired.instances.count { !settings.scope.contains($0) }
        if excluded > 0 {
            return Finding(
                .database, .warn,
                "\(desired.instances.count) instances are readable, \(excluded) of them out of scope",
                why: "what is out of scope is never judged and never repaired",
                remedy: "widen scope.*.vmids if these are yours")
        }
        return Finding(.database, .ok, "\(desired.instances.count) instances are readable")
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
                findings.append(Finding(.proxmox, .fail, failure.detail, remedy: Remedy.proxmox(failure.code)))
            case .success(let reading):
                switch Inventory.judge(reading, expecting: expecting) {
                case .notConfigured: break
                case .failed(let code, let detail, _):
                    findings.append(Finding(.proxmox, .fail, detail, remedy: Remedy.proxmox(code)))
                case .read(let inventory):
                    findings.append(
                        inventory.doubt.map {
                            Finding(.proxmox, .fail, "\(url.text): \($0.detail)", remedy: Remedy.proxmox($0.reason))
                        } ?? Finding(.proxmox, .ok, inventory.detail))
                    findings += Doctor.tasks(reading)
                    findings += Doctor.judge(await observer.version(place: reading.endpoint), reading.endpoint)
                }
            }
        }
        if proxmox.canary == nil {
            findings.append(
                Finding(
                    .proxmox, .warn, "no canary is set",
                    why: "a listing that lacks guests for a reason nobody thought of looks like a whole one",
                    remedy: "set proxmox.canary to a guest that always exists: it proves that listings are whole"))
        }
        if !proxmox.tls.verify && proxmox.tls.fingerprint == nil {
            findings.append(
                Finding(
                    .proxmox, .warn, "its certificate is not verified",
                    why: "whoever answers there gets the token, and may tell of any guests",
                    remedy: "set proxmox.tls.ca to the cluster's /etc/pve/pve-root-ca.pem, or pin a fingerprint"))
        }
        return findings
    }

    private static func judge(_ version: Result<ProxmoxVersion, ReadFailure>, _ endpoint: String) -> [Finding] {
        switch version {
        case .failure(let failure):
            return [
                Finding(
                    .proxmox, .warn, "its version is not known: \(failure.detail)",
                    why: "another version than this controller knows may mean something else by its answers",
                    remedy: Remedy.proxmox(failure.code))
            ]
        case .success(let version):
            let known = ProxmoxVersion.known
            guard let major = version.major, known.contains(major) else {
                return [
                    Finding(
                        .proxmox, .warn,
                        "\(endpoint) is Proxmox VE \(version.text); known are \(known.lowerBound) and \(known.upperBound)",
                        why: "another version than this controller knows may mean something else by its answers",
                        remedy: "stay in dry-run with it until audits are right, or use a version that is known")
                ]
            }
            return [Finding(.proxmox, .ok, "\(endpoint) is Proxmox VE \(version.text)")]
        }
    }

    private static func tasks(_ reading: ProxmoxReading) -> [Finding] {
        let hidden = reading.nodesWithHiddenTasks
        if hidden.isEmpty {
            return [
                Finding(
                    .proxmox, .ok,
                    "the tasks of others can be seen on \(Words.count(reading.status.nodes.count, "node"))")
            ]
        }
        return [
            Finding(
                .proxmox, .warn, "the token lacks Sys.Audit on \(hidden.joined(separator: ", "))",
                why:
                    "whether somebody works on a guest there is not known, and its edge is not repaired (foreign_task)",
                remedy: "give the token (and its user) the role PVEAuditor on / with propagation")
        ]
    }

    // MARK: Cloudflare

    private func publicZone() async -> [Finding] {
        guard let observer = installation.publicZone, let zone = settings.zone else { return [] }
        switch await observer.read() {
        case .failure(let failure):
            return [Finding(.publicDNS, .fail, failure.detail, remedy: Remedy.cloudflare(failure.code))]
        case .success(let reading):
            switch Zone.judge(reading, zone: zone, plane: .publicDNS) {
            case .notConfigured: return []
            case .failed(let code, let detail, _):
                return [Finding(.publicDNS, .fail, detail, remedy: Remedy.cloudflare(code))]
            case .read(let listing):
                var findings = [Finding(.publicDNS, .ok, listing.detail)]
                if listing.isDoubtful {
                    findings = [
                        Finding(
                            .publicDNS, .fail, "the zone holds no record at all, which is never believed",
                            remedy: "check dns.public.zone_id; a zone that is really new needs one record")
                    ]
                } else if let quota = CloudflareQuota.near(listing.records.count) {
                    findings.append(
                        Finding(
                            .publicDNS, .warn,
                            "it holds \(listing.records.count) records, and \(quota) are the most of some plans",
                            why: "once a zone is full no server can be published, and what is deleted stays deleted",
                            remedy:
                                "two records for each server: look which plan it is, and change it before it is full"
                        ))
                }
                return findings
            }
        }
    }
}
