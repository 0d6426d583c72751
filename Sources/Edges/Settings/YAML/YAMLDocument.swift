import Yams

/// Reads one YAML document into `YAMLValue`, refusing what a configuration has no use for: anchors, tags, keys that are
/// not text, a second document.
struct YAMLDocument {
    static let maximumBytes = 1 << 20
    static let maximumDepth = 24

    // Comparing and hashing keys takes the parser exponential time when keys hold aliases, and quadratic time when keys
    // nest (`? ? ? x`); it compares keys before a caller sees a node. So neither construct reaches it: their signs are
    // replaced by private characters, which mean nothing to YAML, and put back in every text.
    private static let ampersand: Unicode.Scalar = "\u{E000}"
    private static let questionMark: Unicode.Scalar = "\u{E001}"

    private let file: String
    private let problems: Problems

    /// - Parameter file: its name in messages.
    init(file: String, problems: Problems) {
        self.file = file
        self.problems = problems
    }

    /// The document; nil when it cannot be read, and then `problems` says why.
    func read(_ bytes: [UInt8]) -> YAMLValue? {
        guard bytes.count <= YAMLDocument.maximumBytes else {
            return refuse(nil, "is larger than 1 MiB; that is no file of settings")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return refuse(lineOfFirstInvalidByte(bytes), "is not UTF-8 text; save it as UTF-8")
        }
        return read(text: text)
    }

    func read(text: String) -> YAMLValue? {
        var replaced = ""
        var line = 1
        for (index, scalar) in text.unicodeScalars.enumerated() {
            switch scalar {
            case "\u{FEFF}" where index == 0: continue
            case "\n": line += 1
            case "\t", "\r": break
            case YAMLDocument.ampersand, YAMLDocument.questionMark:
                return refuse(line, "holds a private-use character")
            case _ where scalar.isControl:
                return refuse(line, "holds the control character \(shown(String(scalar))); is this a text file?")
            default: break
            }
            switch scalar {
            case "&": replaced.unicodeScalars.append(YAMLDocument.ampersand)
            case "?": replaced.unicodeScalars.append(YAMLDocument.questionMark)
            default: replaced.unicodeScalars.append(scalar)
            }
        }
        do {
            // `basic`: no guessing of types, so that keys are equal when their texts are.
            guard let root = try Yams.compose(yaml: replaced, .basic, .default, .utf8) else {
                return refuse(1, "is empty")
            }
            let value = convert(root, depth: 0)
            guard let value, value.isNull else { return value }
            return refuse(1, "is empty")
        } catch let error as YamlError {
            return refuse(error, in: replaced)
        } catch {
            return refuse(nil, "cannot be read as YAML")
        }
    }

    private func refuse(_ line: Int?, _ message: String) -> YAMLValue? {
        problems.add(.file(file, line: line), "", message)
        return nil
    }

    private func lineOfFirstInvalidByte(_ bytes: [UInt8]) -> Int {
        // Decoding in pieces of one line finds it: a line feed is never inside a character.
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
        return 1 + (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0)
    }

    // MARK: Nodes

    private func convert(_ node: Node, depth: Int) -> YAMLValue? {
        let place = Place.file(file, line: node.mark?.line ?? 1)
        func refused(_ message: String) -> YAMLValue? {
            problems.add(place, "", message)
            return nil
        }
        guard depth <= YAMLDocument.maximumDepth else {
            return refused("is nested deeper than \(YAMLDocument.maximumDepth) levels")
        }
        switch node {
        case .alias: return refused(YAMLDocument.aliasRefused)
        case .scalar(let scalar):
            guard YAMLDocument.isUntagged(scalar.tag, "str") else { return refused(YAMLDocument.tagRefused) }
            let plain = scalar.style == .plain
            if plain, let first = scalar.string.unicodeScalars.first {
                if first == YAMLDocument.ampersand { return refused(YAMLDocument.anchorRefused) }
                if first == YAMLDocument.questionMark, scalar.string.unicodeScalars.dropFirst().first == " " {
                    return refused(YAMLDocument.complexKeyRefused)
                }
            }
            return YAMLValue(content: .scalar(restored(scalar.string), plain: plain), place: place)
        case .sequence(let sequence):
            guard YAMLDocument.isUntagged(sequence.tag, "seq") else { return refused(YAMLDocument.tagRefused) }
            // All items are read even after a bad one: each has its own problem to tell.
            let items = sequence.map { convert($0, depth: depth + 1) }
            let good = items.compactMap { $0 }
            return good.count == items.count ? YAMLValue(content: .list(good), place: place) : nil
        case .mapping(let mapping):
            guard YAMLDocument.isUntagged(mapping.tag, "map") else { return refused(YAMLDocument.tagRefused) }
            var entries: [YAMLValue.Entry] = []
            var isWhole = true
            for (keyNode, valueNode) in mapping {
                let key = convert(keyNode, depth: depth + 1)
                let value = convert(valueNode, depth: depth + 1)
                guard let key, let value else {
                    isWhole = false
                    continue
                }
                guard case .scalar(let name, let plain) = key.content else {
                    problems.add(key.place, "", "\(key.shape) cannot be a key; a `{` or `[` may need quotes")
                    isWhole = false
                    continue
                }
                if plain, name == "<<" {
                    problems.add(key.place, "", "`<<` (merge) is not supported; write the keys out")
                    isWhole = false
                    continue
                }
                entries.append(.init(key: name, place: key.place, value: value))
            }
            return isWhole ? YAMLValue(content: .map(entries), place: place) : nil
        }
    }

    /// The parser writes a node's natural tag into it when it compares keys, so that one says nothing either.
    private static func isUntagged(_ tag: Tag, _ natural: String) -> Bool {
        ["", "tag:yaml.org,2002:" + natural].contains(tag.rawValue)
    }

    private func restored(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 == YAMLDocument.ampersand || $0 == YAMLDocument.questionMark })
        else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case YAMLDocument.ampersand: result.unicodeScalars.append("&")
            case YAMLDocument.questionMark: result.unicodeScalars.append("?")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static let anchorRefused =
        "`&` begins an anchor here, and anchors are not supported; write the value out, or in quotes if it is text"
    private static let aliasRefused =
        "`*` begins an alias here, and aliases are not supported; write the value out, or in quotes if it is text"
    private static let complexKeyRefused = "`? ` keys are not supported; write `key: value`"
    private static let tagRefused =
        "`!` begins a YAML tag here, and tags are not supported; leave it out, or use quotes if it is text"

    // MARK: Errors of the parser

    private func refuse(_ error: YamlError, in text: String) -> YAMLValue? {
        switch error {
        case .duplicatedKeysInMapping(let keys, let context):
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            for key in keys {
                let first = keys.count == 1 ? context.mark.line : 1
                let name = shown(restored(key))
                if let second = repetition(of: key, in: lines, after: first, column: context.mark.column) {
                    _ = refuse(second, "`\(name)` is given twice in one map (first in line \(first)); remove one")
                } else {
                    _ = refuse(context.mark.line, "`\(name)` is given twice in one map; remove one")
                }
            }
            return nil
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            if problem.contains("undefined alias") { return refuse(mark.line, YAMLDocument.aliasRefused) }
            if problem.contains("another document") {
                return refuse(mark.line, "begins a second document (`---`); one file holds one")
            }
            if let (line, message) = replacedSign(near: mark.line, in: text) { return refuse(line, message) }
            let began = context.map { " (\($0.text), which began in line \($0.mark.line))" } ?? ""
            return refuse(
                mark.line, "is not YAML from here on: \(shown(problem, limit: 120))\(shown(began, limit: 160))")
        case .reader(let problem, _, _, _):
            return refuse(nil, "is not YAML: \(shown(problem, limit: 120))")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return refuse(nil, "cannot be read as YAML")
        }
    }

    /// The parser tells one place of a key that is there twice. In block style the other is a line with the same key in
    /// the same column, before anything further left.
    private func repetition(of key: String, in lines: [Substring], after first: Int, column: Int) -> Int? {
        for (index, line) in lines.enumerated().dropFirst(first) {
            let indent = line.prefix { $0 == " " }.count
            let rest = line.dropFirst(indent)
            if rest.isEmpty || rest.first == "#" { continue }
            if indent < column - 1 { return nil }
            let plain = rest.hasPrefix(key + ":") || rest.hasPrefix("\"\(key)\":") || rest.hasPrefix("'\(key)':")
            if indent == column - 1, plain { return index + 1 }
        }
        return nil
    }

    /// A replaced sign on the line of a syntax error or just before it, where it would have had its meaning in YAML.
    private func replacedSign(near line: Int, in text: String) -> (line: Int, message: String)? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for number in [line, line - 1] where lines.indices.contains(number - 1) {
            let scalars = Array(lines[number - 1].unicodeScalars)
            for (index, scalar) in scalars.enumerated() {
                let before = index == 0 ? " " : scalars[index - 1]
                let after = index + 1 < scalars.count ? scalars[index + 1] : " "
                if scalar == YAMLDocument.ampersand, " \t[{,:".unicodeScalars.contains(before), after != " " {
                    return (number, YAMLDocument.anchorRefused)
                }
                if scalar == YAMLDocument.questionMark, scalars[..<index].allSatisfy({ $0 == " " }), after == " " {
                    return (number, YAMLDocument.complexKeyRefused)
                }
            }
        }
        return nil
    }
}
