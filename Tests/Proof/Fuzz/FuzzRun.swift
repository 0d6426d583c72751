/// Mutates the corpus of one decoder a number of times, and tells what that came to.
package struct FuzzRun: Sendable {
    package struct Failure: Sendable {
        package var what: String
        package var input: [UInt8]
    }

    package private(set) var inputs = 0
    package private(set) var read = 0
    package private(set) var gone = 0
    package private(set) var slowest = Duration.zero
    package private(set) var failures: [Failure] = []

    package init(_ decoder: Decoder, corpus: [[UInt8]], mutations: Int, seed: UInt64) {
        var mutator = Mutator(seed: seed, corpus: corpus)
        for input in corpus { run(decoder, input) }
        for index in 0..<mutations { run(decoder, mutator.mutate(corpus[index % corpus.count])) }
        // What lacks its end is no document, wherever it was cut.
        if decoder.isClosed {
            for input in corpus {
                let whole = input.prefix(FuzzRun.length(of: input))
                guard let last = whole.last, last == UInt8(ascii: "}") else { continue }
                for end in stride(from: 0, to: whole.count, by: max(1, whole.count / 60)) {
                    inputs += 1
                    if decoder.outcome(Array(whole[..<end])) != .refused {
                        failures.append(
                            Failure(what: "a document without its end was read", input: Array(whole[..<end])))
                    }
                }
            }
        }
    }

    private static func length(of input: [UInt8]) -> Int {
        (input.lastIndex { ![9, 10, 13, 32].contains($0) } ?? -1) + 1
    }

    private mutating func run(_ decoder: Decoder, _ input: [UInt8]) {
        let start = ContinuousClock.now
        let outcome = decoder.outcome(input)
        slowest = max(slowest, ContinuousClock.now - start)
        inputs += 1
        switch outcome {
        case .refused: break
        case .read: read += 1
        case .gone: gone += 1
        case .violated(let what): failures.append(Failure(what: what, input: input))
        }
    }
}

extension Decoder {
    /// Whether its documents say themselves where they end.
    var isClosed: Bool {
        switch self {
        case .policies, .configuration, .redis, .discord, .values: false
        default: true
        }
    }
}
