import CFuzzer
import Proof

/// libFuzzer looks for this name. Every other input is its own, with an eye on coverage; the rest know what JSON is.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ most: Int, _ seed: UInt32) -> Int {
    guard seed % 2 == 0 else { return unsafe LLVMFuzzerMutate(data, size, most) }
    var mutator = Mutator(seed: UInt64(seed))
    let mutated = mutator.mutate(unsafe Array(UnsafeBufferPointer(start: data, count: size))).prefix(most)
    for (index, byte) in mutated.enumerated() { unsafe data[index] = byte }
    return mutated.count
}
