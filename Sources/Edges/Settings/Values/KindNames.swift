package import Core

/// A name that no kind of drift has; says which was probably meant.
package struct UnknownKind: Error, CustomStringConvertible {
    package let description: String
}

extension KindPattern {
    /// A kind, or a pattern that matches some kind.
    package init(checking text: String) throws(UnknownKind) {
        self.init(text)
        guard DriftKind.allCases.contains(where: { matches($0) }) else {
            throw UnknownKind(description: "`\(shown(text))` matches no kind of drift" + KindNames.hint(text))
        }
    }
}

/// The names that may be written for kinds of drift.
enum KindNames {
    static func hint(_ text: String) -> String {
        let kinds = DriftKind.allCases.map(\.rawValue)
        guard text.hasSuffix("*") else { return Nearest.hint(text, among: kinds, else: "there are") }
        var groups: [String] = []
        for kind in kinds {
            let labels = kind.split(separator: ".").dropLast()
            for count in 1...labels.count {
                let group = labels.prefix(count).joined(separator: ".") + ".*"
                if !groups.contains(group) { groups.append(group) }
            }
        }
        return Nearest.hint(text, among: groups, else: "there are")
    }
}

extension Field {
    /// Patterns of which each matches some kind.
    func kindPatterns() -> [KindPattern]? {
        list(of: "kinds such as dns.public.*", orEmpty: false) { field in
            guard let text = field.text("a kind such as dns.public.*") else { return nil }
            let pattern = KindPattern(text)
            guard DriftKind.allCases.contains(where: { pattern.matches($0) }) else {
                field.problem("`\(shown(text))` matches no kind of drift" + KindNames.hint(text))
                return nil
            }
            return pattern
        }
    }
}
