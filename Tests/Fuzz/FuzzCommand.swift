import CFuzzer
import Glibc
import Proof

/// libFuzzer over one decoder: `zlh-fuzz DECODER [-libfuzzer-option=value…] [FOLDER|FILE…]`. A file is run once.
@main
struct FuzzCommand {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count > 1, let decoder = Decoder(rawValue: arguments[1]) else {
            print("usage: zlh-fuzz DECODER …, one of: \(Decoder.allCases.map(\.rawValue).joined(separator: " "))")
            exit(2)
        }
        unsafe Fuzzed.decoder = decoder
        var count = Int32(arguments.count - 1)
        let kept = arguments.enumerated().filter { $0.offset != 1 }.map(\.element)
        var words = unsafe kept.map { unsafe strdup($0) } + [nil]
        let code = unsafe words.withUnsafeMutableBufferPointer { buffer in
            var base = buffer.baseAddress
            // LLVMFuzzerRunDriver: 0 when nothing was found; it ends the process itself when something was.
            return unsafe LLVMFuzzerRunDriver(&count, &base, Fuzzed.run)
        }
        exit(code)
    }
}
