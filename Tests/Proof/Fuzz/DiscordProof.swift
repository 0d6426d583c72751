import Core
import Curl
import Platform

/// An answer of Discord's: a status, header lines, an empty line, a body.
enum DiscordProof {
    private static let secret = "wEbHoOk-ToKeN"

    static func outcome(_ bytes: [UInt8]) -> Decoder.Outcome {
        guard let (status, headers, body) = parts(bytes) else { return .refused }
        let (answer, allowance) = WireBody(body).discord(status: status, headers: headers, hiding: [secret])
        if let allowance, !isFit(allowance.resetAfter) { return .violated("a wait that nobody can wait") }
        switch answer {
        case .accepted(let id):
            guard let tree = JSONTree(body) else { return .violated("shown by what is no JSON document") }
            if !tree.isAmbiguous, tree["id"]?.text != id { return .violated("shown under another id") }
            if !id.utf8.allSatisfy({ (48...57).contains($0) }) { return .violated("an id that is none") }
            return (200..<300).contains(status) ? .gone : .violated("shown although the status is \(status)")
        case .limited(let span, _): return isFit(span) ? .read : .violated("a wait that nobody can wait")
        case .editLimited, .messageGone: return .read
        case .rejected(let why), .threadClosed(let why), .dead(let why), .gone(let why), .notSent(let why),
            .unsure(let why):
            guard PolicyProof.isFit(why), why.count < 1000, !why.contains(secret) else {
                return .violated("words that must not be shown")
            }
            return .read
        }
    }

    private static func isFit(_ span: Span) -> Bool { span >= .seconds(0) && span <= .minutes(61) }

    private static func parts(_ bytes: [UInt8]) -> (Int, HTTPHeaders, [UInt8])? {
        let lines = bytes.split(separator: 10, maxSplits: 20, omittingEmptySubsequences: false)
        guard let first = lines.first, let status = Int(String(decoding: first, as: UTF8.self)),
            (100...999).contains(status)
        else { return nil }
        var headers = HTTPHeaders()
        for (index, line) in lines.enumerated().dropFirst() {
            if line.isEmpty { return (status, headers, Array(lines[(index + 1)...].joined(separator: [10]))) }
            let name = line.prefix { $0 != 58 }
            headers.append(
                String(decoding: name, as: UTF8.self),
                String(decoding: line.dropFirst(name.count + 1), as: UTF8.self))
        }
        return (status, headers, [])
    }
}
