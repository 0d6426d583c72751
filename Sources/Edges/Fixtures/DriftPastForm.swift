import Core

/// What the ledger knew of drifts when the estate was recorded. Left out when it knew nothing.
struct DriftPastForm: Codable {
    var repairable: [String]
    var inVain: [String: Int]
    var repaired: [String: [String]]
    var answers: [Answer]

    struct Answer: Codable {
        var id: Int64
        var planHash: String
        var answer: String
        var by: String
        var until: String
        var redeemedAt: String?
        var covers: [String: String]
    }

    init(_ past: DriftPast) {
        repairable = past.repairable.sorted()
        inVain = past.inVain
        repaired = past.repaired.mapValues { $0.map(\.exact) }
        answers = past.answers.map {
            Answer(
                id: $0.id, planHash: $0.plan, answer: $0.word.rawValue, by: $0.by, until: $0.until.exact,
                redeemedAt: $0.redeemedAt?.exact, covers: $0.covers)
        }
    }

    func past() throws -> DriftPast {
        DriftPast(
            repairable: Set(repairable), inVain: inVain,
            repaired: try repaired.mapValues { try $0.map(Timestamp.init(exact:)) },
            answers: try answers.map {
                PlanAnswer(
                    id: $0.id, plan: $0.planHash, word: try PlanAnswer.Word(word: $0.answer), by: $0.by,
                    until: try Timestamp(exact: $0.until), redeemedAt: try $0.redeemedAt.map(Timestamp.init(exact:)),
                    covers: $0.covers)
            })
    }
}
