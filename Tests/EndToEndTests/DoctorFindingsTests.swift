import Core
import Foundation
import Lab
import Postgres
import Redis
import Settings
import TestSupport
import Testing
import World

@testable import Runtime

/// What `doctor` makes of what it was told, and how it is written.
@Suite("The doctor's findings")
struct DoctorFindingsTests {
    @Test func whatTheServerSaysOfItself() {
        let now = Timestamp(seconds: 1_767_225_600)
        var facts = ServerFacts(
            version: "15.20", major: 15, clock: now, user: "zlh_run", isInRecovery: false, mayLead: true,
            applied: .numbers([]), expected: [])
        func statuses(_ runs: Bool = true) -> [Finding.Status] {
            let skew = Doctor.skew(of: facts.clock, asked: now - .seconds(9), answered: now)
            return Doctor.judge(facts, skew: skew, runs: runs).map(\.status)
        }
        #expect(statuses() == [.ok])
        facts.major = 14
        #expect(statuses() == [.warn])
        facts.major = 17
        facts.isInRecovery = true
        #expect(statuses() == [.ok, .fail])
        #expect(Doctor.judge(facts, skew: .seconds(0), runs: true)[1].what.contains("pg_is_in_recovery"))
        facts.isInRecovery = false
        for skew in [Span.seconds(60), Span(microseconds: -60_000_000)] {
            facts.clock = Timestamp(microseconds: now.microseconds + skew.microseconds)
            #expect(statuses() == [.ok, .warn])
        }
        // A server that took its time says nothing of its clock by that.
        facts.clock = now - .seconds(8)
        #expect(statuses() == [.ok])
        facts.mayLead = false
        #expect(statuses() == [.ok, .warn])
        #expect(statuses(false) == [.ok], "an audit needs no more")
    }

    @Test func recordsThatTheServerWillRemove() {
        func findings(_ expiring: [String]) -> [Finding] {
            Doctor.judge(
                Zone(
                    plane: .internalDNS, name: "example.net", endpoint: "http://10.0.0.2:5380",
                    observedAt: Timestamp(seconds: 7), records: [], detail: "read", expiring: expiring))
        }
        #expect(findings([]).map(\.status) == [.ok])
        let found = findings(["mc-1.example.net A 10.0.0.5", "b", "c", "d"])
        #expect(found.map(\.status) == [.ok, .warn])
        #expect(found[1].what.contains("4 records of ours"))
        #expect(found[1].remedy?.contains("'mc-1.example.net A 10.0.0.5', 'b', 'c' and the others to 0") == true)
    }

    @Test func whatTheRedisOfTheLockSaysOfItself() {
        let now = Timestamp(seconds: 1_767_225_600)
        func statuses(_ clock: Timestamp?, _ eviction: LockServer.Eviction?) -> [Finding.Status] {
            Doctor.judge(
                LockServer(version: "7.2.4", role: "master", clock: clock, eviction: eviction),
                asked: now - .seconds(9),
                answered: now
            ).map(\.status)
        }
        let safe = LockServer.Eviction.never(policy: "noeviction")
        #expect(statuses(now, safe) == [.ok, .ok, .ok])
        #expect(statuses(now - .seconds(8), safe) == [.ok, .ok, .ok], "it took its time, and no more")
        for skew in [Span.seconds(60), Span(microseconds: -60_000_000)] {
            #expect(statuses(Timestamp(microseconds: now.microseconds + skew.microseconds), safe) == [.ok, .ok, .warn])
        }
        #expect(statuses(now, nil) == [.ok, .warn, .ok], "a provider that does not say")
        #expect(statuses(nil, .possible(policy: "volatile-ttl")) == [.ok, .warn])
    }

    @Test func foreignTextIsHarmlessInEachFormat() throws {
        for text in ["<script>alert(1)</script>", "a\u{1B}[31mred", "`x` | y", "line\nbreak", "\u{202E}turned"] {
            let report = DoctorReport(
                generatedAt: Timestamp(seconds: 0), id: text, mode: "dry-run",
                findings: [Finding(.proxmox, .fail, text, why: text, remedy: text)], notConfigured: [.velocity])
            let json = String(decoding: report.json, as: UTF8.self)
            let html = String(decoding: FactSheetHTML.encode(report.sheet), as: UTF8.self)
            for written in [report.text, json, html, FactSheetMarkdown.encode(report.sheet)] {
                #expect(written.unicodeScalars.allSatisfy { $0 == "\n" || !Foreign.isDangerous($0) })
            }
            #expect(!html.contains("<script"))
            #expect(try JSONSerialization.jsonObject(with: Data(json.utf8)) is [String: Any])
            #expect(report.text.split(separator: "\n").count == 5)
        }
    }

    @Test func queuesOfRepairsAreKnownByTheirNames() {
        for name in ["repair", "zpack-repair", "edgeReconcile", "Reconciliation", "self-heal"] {
            #expect(Doctor.namesRepairs(name), "\(name)")
        }
        for name in ["provisioning", "billing_enforcement", "post-provision", "healthcheck"] {
            #expect(!Doctor.namesRepairs(name), "\(name)")
        }
    }
}
