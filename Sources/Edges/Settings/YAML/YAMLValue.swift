/// A YAML node as this edge reads it: text is kept as written, because what `no`, `012` or `22:00` mean depends on
/// whom one asks. The key it is read for decides.
struct YAMLValue {
    indirect enum Content {
        /// `plain` when it was written without quotes.
        case scalar(String, plain: Bool)
        case list([YAMLValue])
        case map([Entry])
    }

    struct Entry {
        var key: String
        var place: Place
        var value: YAMLValue
    }

    var content: Content
    var place: Place

    /// `null`, `~` or nothing at all.
    var isNull: Bool {
        guard case .scalar(let text, plain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What it is, in words. Never what it holds: it may stand where a secret belongs.
    var shape: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a plain value"
        case .list: "a list"
        case .map: "a map"
        }
    }
}
