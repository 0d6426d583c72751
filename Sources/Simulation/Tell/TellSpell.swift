import Core
import World

/// For some minutes Discord answers everything in one way.
struct TellSpell: Sendable, CustomStringConvertible {
    private var kind: DiscordHouse.Fault?
    private var until = Timestamp(seconds: 0)

    init() {}

    init(_ chance: inout Seed, at now: Timestamp) {
        kind = chance.pick([.forumChannel, .lockedThread, .notAllowed, .gaveUp, .invalidBody, .blocked])
        until = now + .seconds(Int64(5 + chance.below(600)))
    }

    func fault(at now: Timestamp) -> DiscordHouse.Fault? { now < until ? kind : nil }

    var description: String { "Discord answers \(kind?.rawValue ?? "-") until \(until)" }

    /// What it answers to one request only, by the throw of a die.
    static func once(_ thrown: Int) -> DiscordHouse.Fault? {
        switch thrown {
        case 0: .globalLimit
        case 1: .invalidBody
        case 2: .oldEdit
        case 3: .blocked
        case 4: .notAllowed
        case 5: .gaveUp
        default: nil
        }
    }
}
