import Core
import Fixtures
import Settings

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

/// A fixture: what is read is written and read again as the same.
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
        return .read
    }
}
