import CFuzzer
import Foundation
import Glibc
import Proof

/// libFuzzer, whose `main` this program has, over the decoder that ZLH_DECODER names:
/// `ZLH_DECODER=agent zlh-fuzz [-option=value…] [FOLDER…|FILE…]`. A file is run once.
@_cdecl("LLVMFuzzerTestOneInput")
func run(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    guard case .violated(let what) = decoder.outcome(input) else { return 0 }
    FileHandle.standardError.write(Data("\(decoder.rawValue): \(what)\n".utf8))
    // libFuzzer keeps the input of whatever aborts.
    abort()
}

private let decoder: Decoder = {
    let name = ProcessInfo.processInfo.environment["ZLH_DECODER"] ?? ""
    guard let decoder = Decoder(rawValue: name) else {
        print("ZLH_DECODER has to be one of: \(Decoder.allCases.map(\.rawValue).joined(separator: " "))")
        exit(2)
    }
    return decoder
}()
