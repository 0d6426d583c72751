import Core
import Settings
import Testing

/// Whatever a file holds, the answer is a value or problems with their places, soon.
@Suite struct HostileTests {
    private func outcome(_ bytes: [UInt8]) -> String {
        do throws(ConfigurationError) {
            return try Configuration.read(bytes, file: "c.yaml", folder: "/", hasPolicyFolder: false).id
        } catch {
            #expect(!error.problems.isEmpty)
            #expect(error.problems.allSatisfy { $0.source == "c.yaml" && !$0.message.isEmpty })
            #expect(error.description.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 })
            return error.description
        }
    }

    private func outcome(_ text: String) -> String { outcome(Array(text.utf8)) }

    @Test(arguments: ["[", "{", "- ", "? ", "{a: ", "[{", "a: [", "? - "])
    func deepNestingIsRefused(unit: String) {
        for count in [30, 900, 20_000] {
            let told = outcome(String(repeating: unit, count: count))
            #expect(told.hasPrefix("c.yaml"), "\(told.prefix(200))")
        }
        let closed = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(outcome("id: " + closed).contains("is nested deeper than 24 levels"))
    }

    @Test func bombsOfAliasesDoNotExpand() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...40 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(outcome(text).contains("anchors are not supported"))
        // As a key it would be hashed, element by element, while the file is still being parsed.
        #expect(outcome(text + "? *a40\n: x\n").hasPrefix("c.yaml:"))
        #expect(outcome(text + "*a40 : x\n").hasPrefix("c.yaml:"))
    }

    @Test func aMebibyteOfAnythingIsAnswered() {
        let size = (1 << 20) - 8
        for unit in [
            "x", "a: b\n", "- \n", "[", "\"", "&", "*", "%", "a: 1\n\u{0}", "é", " ", "#", "{}\n", "?", "|\n ",
        ] {
            let told = outcome(String(repeating: unit, count: size / unit.utf8.count))
            #expect(told.hasPrefix("c.yaml"))
            #expect(told.utf8.count < 20_000)
        }
        var keys = ""
        for number in 0..<60_000 { keys += "k\(number): \(number)\n" }
        let told = outcome(keys)
        #expect(told.hasSuffix("more") && told.utf8.count < 20_000)
        #expect(
            outcome([UInt8](repeating: 120, count: (1 << 20) + 1))
                == "c.yaml: is larger than 1 MiB; that is no file of settings")
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func mutationsOfAValidFileNeverCrash(seed: UInt64) {
        var random = SplitMix(state: seed)
        let valid = Array(ContractTests.example.utf8)
        let policies = Array(ContractTests.policies.utf8)
        let alphabet = Array("[]{}:,&*!|>'\"%@`#?-\n\t 0a~".utf8) + [0, 0xFF, 0x80, 0xC3, 0xE2]
        for _ in 0..<60 {
            var bytes = random.next() % 2 == 0 ? valid : policies
            let isConfiguration = bytes.count == valid.count
            for _ in 0..<(1 + random.next() % 6) {
                let at = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[at] = alphabet[Int(random.next() % UInt64(alphabet.count))]
                case 1: bytes.insert(alphabet[Int(random.next() % UInt64(alphabet.count))], at: at)
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + 1 + Int(random.next() % 40)))
                default:
                    let end = min(bytes.count, at + Int(random.next() % 60))
                    bytes.insert(contentsOf: bytes[at..<end], at: at)
                }
                if bytes.isEmpty { bytes = [10] }
            }
            if isConfiguration {
                #expect(!outcome(bytes).isEmpty)
            } else {
                let lint = PolicyFiles.lint([(name: "p.yaml", text: String(decoding: bytes, as: UTF8.self))])
                #expect((lint.policies == nil) == !lint.problems.isEmpty)
                #expect(lint.problems.allSatisfy { $0.source == "p.yaml" || $0.source == "policies" })
            }
        }
    }
}

/// SplitMix64: the same seed gives the same files.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
