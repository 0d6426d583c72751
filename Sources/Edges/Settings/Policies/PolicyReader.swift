import Core

/// Reads the policy files one after the other and merges them.
struct PolicyReader {
    let problems: Problems
    /// The webhooks that there are; nil when that is not known.
    let webhooks: Set<String>?

    private(set) var policies: [LoadedPolicy] = []
    private(set) var brakes = Brakes.defaults
    private(set) var windows: [Window] = []
    private(set) var notifications: [Core.Notification] = []
    private var names: [String: Place] = [:]
    private var given = GivenKeys()
    private var sawPolicy = false

    init(problems: Problems, webhooks: Set<String>?) {
        self.problems = problems
        self.webhooks = webhooks
    }

    mutating func read(_ bytes: [UInt8], file: String) {
        guard let tree = YAMLDocument(file: file, problems: problems).read(bytes),
            let root = Field(value: tree, path: "", problems: problems).map()
        else { return }
        for field in root.field("policies")?.list(of: "policies") ?? [] {
            sawPolicy = true
            guard let loaded = LoadedPolicy(field) else { continue }
            let name = loaded.policy.name
            if let first = names[name] {
                field.problem("another policy is named `\(name)` too (\(first.text)); names tell them apart in reports")
                continue
            }
            names[name] = field.value.place
            policies.append(loaded)
        }
        if let map = root.field("brakes")?.map() {
            brakes.read(map) { given.isFirst($0, in: $1) }
        }
        if let field = root.field("windows"), given.isFirst("windows", in: root) {
            windows = field.list(of: "windows", { Window($0) }) ?? []
        }
        if let field = root.field("notify"), given.isFirst("notify", in: root) {
            notifications =
                field.list(of: "notifications", { [webhooks] in Core.Notification($0, webhooks: webhooks) }) ?? []
        }
        root.finish()
    }

    /// Tells about what no single policy shows: those that can never match, and a folder without any.
    func finish(source: String) {
        if !sawPolicy, problems.isEmpty {
            problems.add(.file(source, line: nil), "", "holds no policy; with none the controller repairs nothing")
        }
        for (index, loaded) in policies.enumerated() {
            guard let earlier = shadows(of: loaded, in: policies[..<index]) else { continue }
            let names = earlier.map { "`\($0.policy.name)` (\($0.file):\($0.line))" }.joined(separator: ", ")
            problems.add(
                Place(source: loaded.file, line: loaded.line), loaded.policy.name,
                "can never match: what it is about is already decided by \(names), and the first that matches"
                    + " decides"
            )
        }
    }

    /// The earlier policies that leave nothing to this one; nil when something is left.
    private func shadows(of policy: LoadedPolicy, in earlier: ArraySlice<LoadedPolicy>) -> [LoadedPolicy]? {
        var shadows: [LoadedPolicy] = []
        for kind in policy.kinds {
            let covering = earlier.filter { $0.kinds.contains(kind) }
            guard var left = covering.first?.policy.except else { return nil }
            // What every earlier policy excepts comes through to this one, unless it excepts that too.
            for other in covering.dropFirst() { left.formIntersection(other.policy.except) }
            guard left.isSubset(of: policy.policy.except) else { return nil }
            for other in covering where !shadows.contains(other) { shadows.append(other) }
        }
        return shadows
    }
}

/// The keys that only one file may give.
private struct GivenKeys {
    private var places: [String: Place] = [:]

    /// False, after reporting it, when the key has been given before.
    mutating func isFirst(_ key: String, in map: MapReader) -> Bool {
        let path = map.path(of: key)
        let place = map.place(of: key)
        if let first = places[path] {
            map.problems.add(place, path, "is given twice, here and in \(first.text); keep one")
            return false
        }
        places[path] = place
        return true
    }
}
