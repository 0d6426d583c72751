/// `ZLH__DNS__PUBLIC__ZONE_ID`: puts values of the environment into the tree of the configuration file, where they are
/// then read as strictly as the file's own.
struct EnvironmentOverrides {
    static let prefix = "ZLH__"

    private let problems: Problems

    init(problems: Problems) { self.problems = problems }

    /// The tree with all overrides in it. Shorter names come first, so that `ZLH__DNS__PUBLIC__EDGE` refines what
    /// `ZLH__DNS__PUBLIC` replaced.
    func apply(_ environment: [String: String], to root: YAMLValue) -> YAMLValue {
        var root = root
        let names = environment.keys.filter { $0.hasPrefix(EnvironmentOverrides.prefix) }
        for name in names.sorted(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }) {
            let place = Place.variable(name)
            let parts = name.dropFirst(EnvironmentOverrides.prefix.count).split(
                separator: "__", omittingEmptySubsequences: false)
            guard parts.allSatisfy({ !$0.isEmpty }) else {
                problems.add(place, "", "names no key; it is ZLH__ and the key's path in upper case, `__` between")
                continue
            }
            guard name == name.uppercased() else {
                problems.add(place, "", "is not in upper case; write \(shown(name.uppercased(), limit: 200))")
                continue
            }
            let path = parts.map { $0.lowercased() }
            guard let value = value(environment[name] ?? "", place) else { continue }
            if let blocked = put(value, at: path[...], into: &root) {
                let known = path.prefix(blocked).map { shown($0) }.joined(separator: ".")
                problems.add(place, known, "is not a map, so there is no key below it to set")
            }
        }
        return root
    }

    /// Maps, lists and quoted texts are read as YAML; everything else is taken as it is, so that `007` stays `007` and
    /// a `#` is no comment.
    private func value(_ text: String, _ place: Place) -> YAMLValue? {
        guard let first = text.first(where: { $0 != " " }), "[{\"'".contains(first) else {
            return YAMLValue(content: .scalar(text, plain: EnvironmentOverrides.isNull(text)), place: place)
        }
        let inner = Problems()
        guard let value = YAMLDocument(file: place.source, problems: inner).read(text: text) else {
            for problem in inner.found { problems.add(place, "", problem.message) }
            return nil
        }
        return value.moved(to: place)
    }

    private static func isNull(_ text: String) -> Bool {
        YAMLValue(content: .scalar(text, plain: true), place: .variable("")).isNull
    }

    /// Nil when it was put; otherwise how many parts of the path lead to what is no map.
    private func put(_ value: YAMLValue, at path: ArraySlice<String>, into node: inout YAMLValue, depth: Int = 0)
        -> Int?
    {
        guard let key = path.first else {
            node = value
            return nil
        }
        if node.isNull { node.content = .map([]) }
        guard case .map(var entries) = node.content else { return depth }
        var blocked: Int?
        if let index = entries.firstIndex(where: { $0.key == key }) {
            blocked = put(value, at: path.dropFirst(), into: &entries[index].value, depth: depth + 1)
            if path.count == 1 { entries[index].place = value.place }
        } else {
            var inner = YAMLValue(content: .map([]), place: value.place)
            blocked = put(value, at: path.dropFirst(), into: &inner, depth: depth + 1)
            entries.append(.init(key: key, place: value.place, value: inner))
        }
        node.content = .map(entries)
        return blocked
    }
}

extension YAMLValue {
    /// The same value as if all of it stood at `place`.
    fileprivate func moved(to place: Place) -> YAMLValue {
        switch content {
        case .scalar: YAMLValue(content: content, place: place)
        case .list(let items): YAMLValue(content: .list(items.map { $0.moved(to: place) }), place: place)
        case .map(let entries):
            YAMLValue(
                content: .map(
                    entries.map { .init(key: $0.key, place: place, value: $0.value.moved(to: place)) }),
                place: place)
        }
    }
}
