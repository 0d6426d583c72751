import Core

/// The names of one queue's keys: `<prefix>:<queue>:<part>`. No hash tag but what the prefix has.
struct QueueKeys {
    let prefix: String
    let queue: String

    private var base: String { "\(prefix):\(queue):" }

    func place(_ place: QueueReading.Place) -> String { base + place.rawValue }
    func job(_ id: String) -> String { base + id }
    func lock(_ id: String) -> String { base + id + ":lock" }
    var meta: String { base + "meta" }
    var id: String { base + "id" }
    var events: String { base + "events" }
    /// Written by whichever worker looked for stalled jobs last; it runs out before the next look is due.
    var stalledCheck: String { base + "stalled-check" }

    /// Whether a client of this name is a worker of this queue. Node puts the queue's name into base64, the Python port does
    /// not; both add `:w:NAME` for a worker that has a name. `:qe` listens to events and works on nothing.
    func isWorker(_ client: String) -> Bool {
        [queue, Base64.encode(queue)].contains { name in
            let worker = "\(prefix):\(name)"
            return client == worker || client.hasPrefix(worker + ":w:")
        }
    }

    /// The queue that a client of this name works on, and its prefix; nil when it is no worker. A prefix may have colons, a queue's
    /// name has none.
    static func worker(_ client: String) -> (prefix: String, queue: String)? {
        let name = client.split(separator: ":w:", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        guard !name.hasSuffix(":qe"), let colon = name.lastIndex(of: ":") else { return nil }
        let (prefix, queue) = (String(name[..<colon]), String(name[colon...].dropFirst()))
        guard !prefix.isEmpty, !queue.isEmpty else { return nil }
        let decoded = Base64.decode(queue).map { String(decoding: $0, as: UTF8.self) }
        // A plain name may happen to be base64 of something that nobody would call a queue.
        let isName = decoded.map { !$0.isEmpty && $0.utf8.allSatisfy { $0 > 32 && $0 < 127 } } ?? false
        return (prefix, isName ? decoded ?? queue : queue)
    }
}

/// RFC 4648, with padding.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Nil for what is not base64 with its padding.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        let padding = digits.reversed().prefix { $0 == 61 }.count
        guard !digits.isEmpty, digits.count % 4 == 0, padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        for (place, digit) in digits.dropLast(padding).enumerated() {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            bits = bits << 6 | UInt32(value)
            // After the second, third and fourth digit of a group another byte is whole.
            if place % 4 != 0 { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(6 - 2 * (place % 4)))) }
        }
        return bytes
    }

    static func encode(_ text: String) -> String {
        var output: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                let digit = Int(bits >> UInt32(18 - 6 * position) & 63)
                output.append(position <= group.count ? alphabet[digit] : 61)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
