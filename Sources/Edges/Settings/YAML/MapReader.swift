/// Walks one map: remembers which keys were asked for, and afterwards reports those that nobody knows.
final class MapReader {
    let place: Place
    let path: String
    let problems: Problems
    private let entries: [YAMLValue.Entry]
    private var known: [String] = []

    init(entries: [YAMLValue.Entry], place: Place, path: String, problems: Problems) {
        self.entries = entries
        self.place = place
        self.path = path
        self.problems = problems
    }

    /// The keys as written.
    var keys: [String] { entries.map(\.key) }

    /// The value of `key`; nil when it was left out.
    ///
    /// - Parameter nullable: whether `null` may be written for "none". Elsewhere a key without a value is an error:
    ///   most often what belongs to it is indented wrongly, and a plane must not vanish by that.
    func field(_ key: String, nullable: Bool = false) -> Field? {
        known.append(key)
        guard let entry = entries.first(where: { $0.key == key }) else { return nil }
        var value = entry.value
        // To the parser a map begins at its first key. A person looks for what is missing in it where it is named.
        if case .map = value.content { value.place = entry.place }
        let field = Field(value: value, path: path(of: key), problems: problems)
        guard entry.value.isNull else { return field }
        if !nullable {
            problems.add(
                entry.place, field.path, "has no value; give one (is it indented below the key?) or leave the key out")
        }
        return nil
    }

    /// The value of a key that has to be there.
    ///
    /// - Parameter purpose: what it is for, for who has left it out.
    func required(_ key: String, _ purpose: String) -> Field? {
        if let field = field(key) { return field }
        if !entries.contains(where: { $0.key == key }) {
            problems.add(place, path(of: key), "is required: \(purpose)")
        }
        return nil
    }

    func problem(at key: String? = nil, _ message: String) {
        let entry = key.flatMap { key in entries.first { $0.key == key } }
        problems.add(entry?.value.place ?? place, key.map(path(of:)) ?? path, message)
    }

    /// Where a key stands, for messages of other places about it.
    func place(of key: String) -> Place { entries.first { $0.key == key }?.place ?? place }

    /// Reports each key that was not asked for. Call it last.
    func finish() {
        for entry in entries where !known.contains(entry.key) {
            problems.add(
                entry.place, path(of: entry.key),
                "unknown key" + Nearest.hint(entry.key, among: known, else: "known here"))
        }
    }

    func path(of key: String) -> String {
        path.isEmpty ? shown(key) : path + "." + shown(key)
    }
}
