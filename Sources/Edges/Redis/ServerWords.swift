package import Core

/// What a Redis says of itself in its own forms.
extension RedisReply {
    /// `name:value` in an answer of INFO.
    package func field(_ name: String) -> String? {
        guard let text else { return nil }
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(name + ":") {
            return String(line.dropFirst(name.utf8.count + 1))
        }
        return nil
    }

    /// The answer of TIME: seconds and microseconds, as two strings.
    package var clock: Timestamp? {
        guard let list, list.count == 2, let seconds = list[0].text.flatMap({ Int64($0) }),
            let part = list[1].text.flatMap({ Int64($0) }), (0..<4_102_444_800).contains(seconds),
            (0..<1_000_000).contains(part)
        else { return nil }
        return Timestamp(microseconds: seconds * 1_000_000 + part)
    }

    /// The first word of the answer of ROLE: `master`, `slave` or `sentinel`.
    package var role: String? { list?.first?.text }
}
