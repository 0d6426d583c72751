/// One thing that is wrong in a file or a variable, told so that the reader can go and mend it.
package struct SettingsProblem: Hashable, Sendable {
    /// The file, or the environment variable, as a person would name it.
    package var source: String
    /// From 1; nil for a variable and for a file that could not be read at all.
    package var line: Int?
    /// `proxmox.tls.verify`; empty when the problem is about the whole file.
    package var path: String
    package var message: String

    package init(source: String, line: Int?, path: String, message: String) {
        self.source = source
        self.line = line
        self.path = path
        self.message = message
    }
}

extension SettingsProblem: CustomStringConvertible {
    /// `file:line: path: message`, on one line.
    package var description: String {
        var text = source
        if let line { text += ":\(line)" }
        if !path.isEmpty { text += ": \(path)" }
        return text + ": " + message
    }
}

/// Where a value stands.
struct Place: Hashable, Sendable {
    var source: String
    var line: Int?

    static func file(_ name: String, line: Int?) -> Place { Place(source: shown(name, limit: 200), line: line) }
    static func variable(_ name: String) -> Place { Place(source: shown(name, limit: 200), line: nil) }

    /// How one place is named within a message about another.
    var text: String { line.map { "\(source):\($0)" } ?? source }
}

/// All problems found so far. Reading goes on after the first, so that one run shows all there is to mend.
final class Problems {
    /// A hostile or wholly wrong file must not become a message of its own size.
    static let limit = 50

    private(set) var found: [SettingsProblem] = []
    private(set) var omitted = 0

    var isEmpty: Bool { found.isEmpty }
    /// How often one was added: it tells whether reading something went well.
    private(set) var count = 0
    var isFull: Bool { found.count >= Problems.limit }

    func add(_ place: Place, _ path: String, _ message: String) {
        count += 1
        let problem = SettingsProblem(source: place.source, line: place.line, path: path, message: message)
        guard !found.contains(problem) else { return }
        if isFull { omitted += 1 } else { found.append(problem) }
    }
}
