import Core
import Fixtures
import Settings
import TestSupport

/// Policies: either they are read or there is a problem with its place, never both, never neither.
enum PolicyProof {
    static func outcome(_ bytes: [UInt8]) -> Decoder.Outcome {
        let lint = PolicyFiles.lint([(name: "p.yaml", text: String(decoding: bytes, as: UTF8.self))])
        if (lint.policies == nil) == lint.problems.isEmpty {
            return .violated("neither policies nor a problem, or both")
        }
        guard lint.problems.allSatisfy({ isFit($0.message) && ["p.yaml", "policies"].contains($0.source) }) else {
            return .violated("a problem without a place, or one that must not be shown")
        }
        if lint.policies != nil, bytes.contains(0) { return .violated("a file with NUL was read") }
        return lint.policies == nil ? .refused : .read
    }

    static func isFit(_ message: String) -> Bool {
        !message.isEmpty && message.utf8.count < 20_000 && message.unicodeScalars.allSatisfy { $0.value >= 32 }
    }
}

/// The configuration: a value, or problems.
enum ConfigurationProof {
    static func outcome(_ bytes: [UInt8]) -> Decoder.Outcome {
        do throws(ConfigurationError) {
            let configuration = try Configuration.read(bytes, file: "c.yaml", folder: "/", hasPolicyFolder: false)
            if configuration.id.isEmpty { return .violated("a configuration without an id was read") }
            if bytes.contains(0) || String(validating: bytes, as: UTF8.self) == nil {
                return .violated("what is no text was read")
            }
            return .read
        } catch {
            let isTold = !error.problems.isEmpty && error.problems.allSatisfy { PolicyProof.isFit($0.message) }
            return isTold ? .refused : .violated("refused without a word that can be shown")
        }
    }
}

/// A fixture: what is read is written and read again as the same, and an audit of it ends with something to tell, under other names
/// as well.
enum FixtureProof {
    static func outcome(_ bytes: [UInt8]) -> Decoder.Outcome {
        let fixture: Fixture
        do throws(FixtureError) {
            fixture = try FixtureFile.decode(bytes, path: "f.json")
        } catch {
            return PolicyProof.isFit(error.message) ? .refused : .violated("refused without a word that can be shown")
        }
        guard JSONTree(bytes) != nil else { return .violated("what is no JSON document was read") }
        do {
            let again = try FixtureFile.decode(try FixtureFile.encode(fixture), path: "f.json")
            if again != fixture { return .violated("written and read again it is another fixture") }
        } catch {
            return .violated("what was read cannot be written and read again")
        }
        for one in [fixture, fixture.anonymized().fixture] {
            guard let outcome = audit(one) else { return .violated("an audit of it does not end") }
            guard case .report(let report) = outcome else { continue }
            guard !ReportHTML.encode(report).isEmpty, !ReportJSON.encode(report).isEmpty else {
                return .violated("a report on it is empty")
            }
            let texts = [ReportText.encode(report, usesColor: false), ReportMarkdown.encode(report)]
            guard texts.allSatisfy({ $0.unicodeScalars.allSatisfy { $0 == "\n" || !Foreign.isDangerous($0) } }) else {
                return .violated("a report on it moves a cursor or turns the reading direction")
            }
        }
        return .read
    }

    private static func audit(_ fixture: Fixture) -> Outcome? {
        var controller = Controller(settings: fixture.settings, policies: Fleet(0).policies)
        var effects = controller.handle(.operatorAsked(.audit), at: fixture.capturedAt)
        while !effects.isEmpty {
            switch effects.removeFirst() {
            case .tell(let outcome): return outcome
            case .wake(.roundDeadline, _), .wake(.lookDeadline, _), .giveWay, .recall, .journal, .repair, .redeem: break
            case .wake(let wake, _): effects += controller.handle(.woke(wake), at: fixture.capturedAt)
            case .observe(let look):
                let observation = Observation(look: look.number, content: fixture.content(look))
                effects += controller.handle(.observed(observation), at: fixture.capturedAt)
            }
        }
        return nil
    }
}
