import Core

/// Other names for host and record names, word by word: `mc-acme-5001.acme.net` becomes `mc-zubida-5001.zubida.zubafe`.
///
/// What makes a name ours stays: the literal words of the patterns of `scope`, games, and VMIDs of ours. So do dots, hyphens
/// and whatever makes a name no host name. Any other number may be a part of an address or somebody's at a billing service, and
/// goes like a word. A label is always given the same other label and two labels never the same one, so
/// that names are equal, or one within the other's zone, exactly when they were.
struct Names {
    let scope: Scope
    private var games: Set<String> = Set(Games.defaultPorts.keys)
    private var kept: Set<String> = ["minecraft", "tcp", "ct"]
    private var noted: Set<String> = []
    private var labels: [String: String] = [:]
    private var taken: Set<String> = []
    private var words: [String: String] = [:]
    private var next = 0
    private var isSealed = false

    init(scope: Scope) {
        self.scope = scope
        for pattern in [scope.game, scope.dev].compactMap({ $0 }).flatMap(\.hostnames) {
            for case .literal(let text) in pattern.parts { kept.formUnion(Names.words(of: text)) }
        }
    }

    /// A game stays as it is: it decides ports and patterns.
    mutating func keep(game: String) {
        guard !isSealed else { return }
        let game = DNSName.canonical(game)
        games.insert(game)
        kept.formUnion(Names.words(of: game))
    }

    mutating func callAsFunction(_ name: String) -> String {
        guard isSealed else {
            noted.formUnion(Names.labels(of: name))
            return name
        }
        return renamed(name)
    }

    /// The other name of a name that was noted.
    func renamed(_ name: String) -> String {
        Names.labels(of: name).map { labels[$0] ?? "zu-0" }.joined(separator: ".")
    }

    private static func labels(of name: String) -> [String] {
        DNSName.canonical(name).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    mutating func seal() {
        isSealed = true
        for game in games { kept.formUnion(Names.words(of: game)) }
        // What stays goes first, so that nothing else is given its name.
        for label in noted.sorted() where plain(label) == label { labels[label] = label }
        taken = Set(labels.values)
        for label in noted.sorted() where labels[label] == nil {
            let other = pseudonym(of: label)
            labels[label] = other
            taken.insert(other)
        }
    }

    // MARK: One label

    private mutating func pseudonym(of label: String) -> String {
        var candidate = plain(label)
        if isFaithful(candidate, to: label) { return candidate }
        // A pattern looked into a word: keep what the pattern asks for, and give the rest one new word.
        for pattern in [scope.game, scope.dev].compactMap({ $0 }).flatMap(\.hostnames) {
            guard let match = pattern.captures(in: label, games: games) else { continue }
            candidate = match.map { $0.isFree ? newWord() : $0.text }.joined()
            if isFaithful(candidate, to: label) { return candidate }
        }
        // A name that is not ours must not become ours: no host name has an underscore, and one that had to be one has a word
        // before it.
        for prefix in [newWord() + "-", "_"] {
            for _ in 0..<8 {
                candidate = prefix + newWord()
                if isFaithful(candidate, to: label) { return candidate }
            }
        }
        return "_" + newWord()
    }

    /// Whether everything that the pipeline asks of a label has the same answer for its pseudonym.
    private func isFaithful(_ candidate: String, to label: String) -> Bool {
        !taken.contains(candidate) && !noted.contains(candidate)
            && DNSName.isHostLabel(candidate) == DNSName.isHostLabel(label)
            && [scope.game, scope.dev].compactMap { $0 }.allSatisfy { part in
                part.hostnames.allSatisfy { pattern in
                    // A VMID outside its part of `scope` makes no name ours.
                    func carried(_ name: String, _ games: Set<String>) -> VMID? {
                        pattern.vmid(in: name, games: games).flatMap {
                            part.vmids.contains(Int($0.number)) ? $0 : nil
                        }
                    }
                    return carried(candidate, games) == carried(label, games)
                        && games.allSatisfy { carried(candidate, [$0]) == carried(label, [$0]) }
                }
            }
    }

    private mutating func plain(_ label: String) -> String {
        var result = ""
        var run = ""
        func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
            !scalar.isASCII || ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
        }
        for scalar in label.unicodeScalars {
            if isOfWord(scalar) {
                run.unicodeScalars.append(scalar)
            } else {
                result += other(run)
                run = ""
                result.unicodeScalars.append(scalar)
            }
        }
        result += other(run)
        // What was no host name for a letter of another alphabet has to stay none.
        return !label.utf8.allSatisfy { $0 < 128 } && DNSName.isHostLabel(result) ? "_" + result : result
    }

    /// Another word for a word; a number that it is, or that is at its end, stays when it can be a VMID of ours.
    private mutating func other(_ word: String) -> String {
        if word.isEmpty || kept.contains(word) { return word }
        let digits = String(word.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
        if let vmid = VMID(digits), scope.contains(vmid) { return other(String(word.dropLast(digits.count))) + digits }
        if let known = words[word] { return known }
        let new = newWord()
        words[word] = new
        return new
    }

    /// Letters alone, so that no number is ever mistaken for a VMID, and never a word that was there.
    private mutating func newWord() -> String {
        var word: String
        repeat {
            var rest = next
            next += 1
            word = "zu"
            repeat {
                word += Names.syllables[rest % Names.syllables.count]
                rest /= Names.syllables.count
            } while rest > 0
        } while kept.contains(word) || noted.contains(word)
        return word
    }

    private static let syllables = "bdfgklmnprstv".flatMap { first in "aeiou".map { "\(first)\($0)" } }

    private static func words(of text: String) -> [String] {
        text.split { !(("a"..."z").contains($0) || ("0"..."9").contains($0)) }.map(String.init)
    }
}
