/// One value and where it stands, to be read as what its key wants. A reading that fails has told why, and gives nil.
struct Field {
    let value: YAMLValue
    let path: String
    let problems: Problems

    func problem(_ message: String) { problems.add(value.place, path, message) }

    // MARK: Maps and lists

    func map(of wanted: String = "a map of keys") -> MapReader? {
        guard case .map(let entries) = value.content else {
            problem("needs \(wanted), and this is \(value.shape)")
            return nil
        }
        return MapReader(entries: entries, place: value.place, path: path, problems: problems)
    }

    func list(of wanted: String) -> [Field]? {
        guard case .list(let items) = value.content else {
            problem("needs a list of \(wanted), as in `[…]`, and this is \(value.shape)")
            return nil
        }
        return items.enumerated().map { index, item in
            Field(value: item, path: "\(path)[\(index)]", problems: problems)
        }
    }

    /// Every item read by `read`; nil when one of them was bad.
    func list<Item>(of wanted: String, orEmpty: Bool = true, _ read: (Field) -> Item?) -> [Item]? {
        guard let fields = list(of: wanted) else { return nil }
        if fields.isEmpty, !orEmpty {
            problem("needs at least one of: \(wanted)")
            return nil
        }
        let items = fields.map(read)
        let good = items.compactMap { $0 }
        return good.count == items.count ? good : nil
    }

    // MARK: Scalars

    /// The text as written. Numbers stay as written too (`007` is not 7); a word that YAML 1.1 takes for a truth value
    /// has to be in quotes, since who writes `no` may well have meant "none".
    func text(_ wanted: String) -> String? {
        guard case .scalar(let text, let plain) = value.content, !value.isNull else {
            problem("needs \(wanted), and this is \(value.shape)")
            return nil
        }
        if plain, Field.truthWords.contains(text.lowercased()) {
            problem(
                "`\(shown(text))` without quotes may mean text or true/false; write \"\(shown(text))\" if it is text")
            return nil
        }
        guard !text.isEmpty else {
            problem("is empty; it needs \(wanted)")
            return nil
        }
        guard !text.unicodeScalars.contains(where: \.isUnsafeToShow) else {
            problem("holds a line break or another invisible character; it needs \(wanted)")
            return nil
        }
        return text
    }

    /// Letters, digits, `.`, `_` and `-`, at most `limit`.
    func word(_ wanted: String, limit: Int = 64) -> String? {
        guard let text = text(wanted) else { return nil }
        let isWord = text.utf8.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || [45, 46, 95].contains($0)
        }
        guard isWord else {
            problem("`\(shown(text))` is not one word: \(wanted) is made of letters, digits, `.`, `_` and `-`")
            return nil
        }
        guard text.utf8.count <= limit else {
            problem("has \(text.utf8.count) characters; \(wanted) has at most \(limit)")
            return nil
        }
        return text
    }

    /// Text without spaces that is sent as it is.
    func token(_ wanted: String, limit: Int = 128) -> String? {
        guard let text = text(wanted) else { return nil }
        guard text.unicodeScalars.allSatisfy({ $0.isASCII && $0 > " " }), text.utf8.count <= limit else {
            problem("`\(shown(text))` does not do: \(wanted) is at most \(limit) ASCII characters without spaces")
            return nil
        }
        return text
    }

    func integer(_ wanted: String, in range: ClosedRange<Int>) -> Int? {
        guard case .scalar(let text, _) = value.content, !value.isNull else {
            problem("needs \(wanted), and this is \(value.shape)")
            return nil
        }
        // Decimal only: 0x10, 1_000 and 010 mean different numbers to different readers.
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
            digits.utf8.count == 1 || digits.utf8.first != 48, let number = Int(text)
        else {
            problem("`\(shown(text))` is not \(wanted): a whole number such as \(max(range.lowerBound, 1)) is needed")
            return nil
        }
        guard range.contains(number) else {
            problem("\(number) is out of range: \(wanted) is from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    func bool() -> Bool? {
        guard case .scalar(let text, _) = value.content, !value.isNull else {
            problem("needs true or false, and this is \(value.shape)")
            return nil
        }
        switch text {
        case "true": return true
        case "false": return false
        default:
            problem("`\(shown(text))` is not a truth value here; write true or false")
            return nil
        }
    }

    func choice<Choice>(_ wanted: String, of _: Choice.Type) -> Choice?
    where Choice: CaseIterable & RawRepresentable<String> {
        guard case .scalar(let text, _) = value.content, !value.isNull else {
            problem("needs \(wanted), and this is \(value.shape)")
            return nil
        }
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        problem("`\(shown(text))` is not \(wanted)" + Nearest.hint(text, among: names, else: "there is"))
        return nil
    }

    /// What YAML 1.1 readers take for true or false.
    private static let truthWords: Set<String> = ["yes", "no", "on", "off", "true", "false", "y", "n"]
}
