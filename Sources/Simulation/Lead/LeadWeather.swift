import World

/// What goes wrong in one run, and how often.
struct LeadWeather: CustomStringConvertible {
    /// Before so many steps of a thousand.
    private let pausesPerMille: Int
    /// Of a hundred messages.
    let lostBefore: Int
    let lostAfter: Int
    let late: Int
    let clocksAreWrong: Bool
    /// Of a hundred takeovers.
    let stopsWhoWaits: Int
    let slowTakes: Int
    /// Strokes within one run.
    let strokes: Int

    init(_ seed: inout Seed) {
        pausesPerMille = [0, 4, 15][seed.below(3)]
        lostBefore = [0, 3, 20][seed.below(3)]
        lostAfter = [0, 3, 20][seed.below(3)]
        late = [0, 0, 3, 15][seed.below(4)]
        clocksAreWrong = seed.chance(percent: 40)
        stopsWhoWaits = [0, 20][seed.below(2)]
        slowTakes = [0, 50][seed.below(2)]
        strokes = seed.below(14)
    }

    /// Most often between the last look at a permit and the sending, where a pause cannot be noticed.
    func pausesPerMille(before step: LeadershipRun.Step) -> Int {
        if case .sendAct = step { pausesPerMille * 4 } else { pausesPerMille }
    }

    var description: String {
        "pauses \(pausesPerMille)/1000, lost \(lostBefore) % + \(lostAfter) %, late \(late) %, "
            + (clocksAreWrong ? "clocks at half and double speed" : "good clocks") + ", \(strokes) strokes"
    }
}

enum LeadFault {
    case wipeRedis
    case redisDown, redisUp, databaseDown, databaseUp
    case crash(Int)
    case start(Int)
    case stop(Int)
    case cutOff(Int, Bool)
    case clock(Int, halves: Int64)
    case foreignKey(expires: Int64?)
    case foreignKeyGone
}
