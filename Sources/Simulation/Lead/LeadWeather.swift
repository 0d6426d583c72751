import Core
import World

/// What goes wrong in one run, and how often.
struct LeadWeather: CustomStringConvertible {
    /// Before so many steps of a million.
    private let pausesPerMillion: Int
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
        pausesPerMillion = [0, 4000, 15_000][seed.below(3)]
        lostBefore = [0, 3, 20][seed.below(3)]
        lostAfter = [0, 3, 20][seed.below(3)]
        late = [0, 0, 3, 15][seed.below(4)]
        clocksAreWrong = seed.chance(percent: 40)
        stopsWhoWaits = [0, 20][seed.below(2)]
        slowTakes = [0, 50][seed.below(2)]
        strokes = seed.below(14)
    }

    /// For minutes instead of seconds: the same things happen less often.
    init(_ seed: inout Seed, during span: Span) {
        let minutes = Int(span.microseconds / 60_000_000)
        pausesPerMillion = [0, 60, 200][seed.below(3)]
        lostBefore = [0, 0, 1, 5][seed.below(4)]
        lostAfter = [0, 0, 1, 5][seed.below(4)]
        late = [0, 0, 1, 3][seed.below(4)]
        clocksAreWrong = seed.chance(percent: 40)
        stopsWhoWaits = [0, 20][seed.below(2)]
        slowTakes = [0, 50][seed.below(2)]
        strokes = minutes * seed.below(4) / 3
    }

    /// Most often between the last look at a permit and the sending, where a pause cannot be noticed.
    func pausesPerMillion(before step: LeadershipRun.Step) -> Int {
        if case .sendAct = step { pausesPerMillion * 4 } else { pausesPerMillion }
    }

    var description: String {
        "pauses \(pausesPerMillion) ppm, lost \(lostBefore) % + \(lostAfter) %, late \(late) %, "
            + (clocksAreWrong ? "clocks at half and double speed" : "good clocks") + ", \(strokes) strokes"
    }
}

enum LeadFault {
    case wipeRedis
    case redisDown, redisUp, databaseDown, databaseUp
    case crash(Int)
    case start(Int)
    case stop(Int)
    /// From the database; from Redis.
    case cutOff(Int, Bool)
    case cutOffRedis(Int, Bool)
    /// It is led to another Redis than the others, as by a failover that not all have seen.
    case redis(Int, Int)
    case clock(Int, halves: Int64)
    case foreignKey(expires: Int64?)
    case foreignKeyGone
}
