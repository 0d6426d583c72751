import CFuzzer
import Foundation
import Glibc
import Proof

/// What libFuzzer calls.
enum Fuzzed {
    /// Set once, before anything runs.
    nonisolated(unsafe) static var decoder = Decoder.agent

    static let run: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32 = { data, size in
        let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
        guard case .violated(let what) = unsafe decoder.outcome(input) else { return 0 }
        FileHandle.standardError.write(Data("\(unsafe decoder.rawValue): \(what)\n".utf8))
        // libFuzzer keeps the input of whatever aborts.
        abort()
    }
}

/// libFuzzer looks for this name. Every other input is its own, with an eye on coverage; the rest know what JSON is.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ most: Int, _ seed: UInt32) -> Int {
    guard seed % 2 == 0 else { return unsafe LLVMFuzzerMutate(data, size, most) }
    var mutator = Mutator(seed: UInt64(seed))
    let mutated = mutator.mutate(unsafe Array(UnsafeBufferPointer(start: data, count: size))).prefix(most)
    for (index, byte) in mutated.enumerated() { unsafe data[index] = byte }
    return mutated.count
}
