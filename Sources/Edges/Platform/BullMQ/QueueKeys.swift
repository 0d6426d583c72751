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

    /// Whether a client of this name is a worker of this queue. Node puts the queue's name into base64, the Python port does
    /// not; both add `:w:NAME` for a worker that has a name. `:qe` listens to events and works on nothing.
    func isWorker(_ client: String) -> Bool {
        [queue, Base64.encode(queue)].contains { name in
            let worker = "\(prefix):\(name)"
            return client == worker || client.hasPrefix(worker + ":w:")
        }
    }
}

/// RFC 4648, with padding.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

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
