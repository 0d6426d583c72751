import Core

/// Other words for words, the same for the same one.
///
/// Used twice over the same estate: first it only notes what there is, then, sealed, it gives the pseudonyms. They are dealt
/// out in the order of the originals, so that what is sorted stays sorted and equal estates become equal files.
struct Pseudonyms {
    /// What a word is; each has pseudonyms of its own.
    enum Category: String, CaseIterable {
        case customer, identifier, phase, person, reason, node, cluster, pool, path, comment, endpoint, record, server
    }

    private var noted: [Category: Set<String>] = [:]
    private var given: [Category: [String: String]] = [:]
    private var notedIDs: Set<ExternalID> = []
    private var givenIDs: [ExternalID: ExternalID] = [:]
    private var isSealed = false

    mutating func word(_ category: Category, _ text: String) -> String {
        // Nothing is not a name: an empty comment is no comment, and stays that.
        if text.isEmpty { return text }
        guard isSealed else {
            noted[category, default: []].insert(text)
            return text
        }
        return given[category]?[text] ?? "\(category.rawValue)-0"
    }

    mutating func id(_ id: ExternalID) -> ExternalID {
        guard isSealed else {
            notedIDs.insert(id)
            return id
        }
        return givenIDs[id] ?? ExternalID(high: 0, low: 0)
    }

    mutating func seal() {
        let originals = noted.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        for (category, words) in noted {
            let width = String(words.count * 2).utf8.count
            var names: [String: String] = [:]
            var number = 0
            for word in words.sorted() {
                var name: String
                repeat {
                    number += 1
                    let digits = String(number)
                    let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
                    name = "\(category.rawValue)-\(zeros)\(digits)"
                } while originals.contains(name)
                names[word] = name
            }
            given[category] = names
        }
        var number: UInt64 = 0
        for id in notedIDs.sorted() {
            // Version 8 (RFC 9562: of one's own making), which no original is likely to have.
            var other: ExternalID
            repeat {
                number += 1
                other = ExternalID(high: 0x8000, low: 0b10 << 62 | number)
            } while notedIDs.contains(other)
            givenIDs[id] = other
        }
        isSealed = true
    }
}
