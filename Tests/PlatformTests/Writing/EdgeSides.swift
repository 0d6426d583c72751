import Core
import Curl
import Lab
import Platform
import Testing
import World

/// Something that is looked at and written to: the laboratory by the real writers, or the world's pure functions.
protocol EdgeSide: Sendable {
    func look(at change: EdgeChange) async -> EdgeSight
    func write(_ write: EdgeWrite) async -> WriteAnswer
    func edit(_ body: @Sendable (inout Estate) -> Void) async
    func behave(_ faults: EdgeFaults) async
    func wait(_ span: Span) async
    var estate: Estate { get async }
}

actor WorldSide: EdgeSide {
    private(set) var estate: Estate
    private var faults = EdgeFaults.none
    private var now: Timestamp

    init(_ estate: Estate) { (self.estate, now) = (estate, estate.drawnAt) }

    func look(at change: EdgeChange) -> EdgeSight { estate.look(at: change, faults: faults, at: now) }
    func write(_ write: EdgeWrite) -> WriteAnswer { estate.apply(write, faults: faults, at: now) }
    func edit(_ body: @Sendable (inout Estate) -> Void) { body(&estate) }
    func behave(_ faults: EdgeFaults) { self.faults = faults }
    func wait(_ span: Span) { now = now + span }
}

struct LabSide: EdgeSide {
    let house: LabHouse
    private let hands: Locked<[Plane: any EdgeHand]>
    /// One that was refused nothing yet.
    private let freshWriter: @Sendable () -> CloudflareWriter
    private let clock: Locked<Timestamp>
    private let timeout = Locked(Span.seconds(20))

    /// A laboratory with one estate, at the addresses of which the writers are.
    static func opened(_ estate: Estate) async throws -> LabSide {
        let clock = Locked(estate.drawnAt)
        var options = LabOptions()
        options.now = { clock.withLock { $0 } }
        let house = LabHouse(estate: estate, options: options)
        try await house.start()
        let client = HTTPClient()
        let zone = estate.zone.name
        let (url, token) = (await house.cloudflareURL ?? "", await house.cloudflareToken)
        let freshWriter = { @Sendable in
            CloudflareWriter(url: url, zoneID: estate.zone.id, zone: zone, token: Secret(token), client: client)
        }
        let hands: [Plane: any EdgeHand] = [
            .publicDNS: freshWriter(),
            .internalDNS: TechnitiumWriter(
                url: await house.technitiumURL ?? "", zone: zone, token: Secret(await house.technitiumToken),
                client: client),
            .velocity: VelocityWriter(
                url: await house.velocityURL ?? "", secret: Secret(await house.velocitySecret), client: client),
        ]
        return LabSide(house: house, hands: Locked(hands), freshWriter: freshWriter, clock: clock)
    }

    private init(
        house: LabHouse, hands: Locked<[Plane: any EdgeHand]>, freshWriter: @escaping @Sendable () -> CloudflareWriter,
        clock: Locked<Timestamp>
    ) {
        self.house = house
        self.hands = hands
        self.freshWriter = freshWriter
        self.clock = clock
    }

    private func hand(_ plane: Plane) -> (any EdgeHand)? { hands.withLock { $0[plane] } }

    func look(at change: EdgeChange) async -> EdgeSight {
        await hand(change.plane)?.look(at: change.name, timeout: timeout.withLock { $0 })
            ?? .unreadable("no hand for it")
    }

    func write(_ write: EdgeWrite) async -> WriteAnswer {
        await hand(write.plane)?.write(write, timeout: timeout.withLock { $0 }) ?? .refused("no hand for it")
    }

    func edit(_ body: @Sendable (inout Estate) -> Void) async { await house.edit(body) }

    func behave(_ faults: EdgeFaults) async {
        // What the world is told step by step knows no pause after a refusal; that has tests of its own.
        hands.withLock { $0[.publicDNS] = freshWriter() }
        await house.clearFaults()
        for fault in faults.cloudflare { await house.inject(fault) }
        for fault in faults.technitium { await house.inject(fault) }
        for fault in faults.velocity { await house.inject(fault) }
        if let write = faults.write {
            for plane in [LabPlane.cloudflare, .technitium, .velocity] { await house.inject(write, on: plane) }
        }
        // No answer comes, or one after which the reader would ask again: then nothing is waited for.
        let isShort =
            !faults.cloudflare.isDisjoint(with: [.refused, .timeout, .serverError, .rateLimited])
            || !faults.technitium.isDisjoint(with: [.refused, .timeout])
            || !faults.velocity.isDisjoint(with: [.refused, .timeout])
        let span: Span =
            isShort ? .milliseconds(350) : faults.write == .answerHangs ? .seconds(2) : .seconds(20)
        timeout.withLock { $0 = span }
    }

    func wait(_ span: Span) { clock.withLock { $0 = $0 + span } }
    var estate: Estate { get async { await house.estate } }
}

/// What one step came to, without the words, which differ.
enum Told: Equatable, Sendable, CustomStringConvertible {
    case done(hasID: Bool)
    case refused
    case moved
    case unknown
    /// Without ids, which differ too.
    case sight([String])
    case unreadable

    init(_ answer: WriteAnswer) {
        self =
            switch answer {
            case .done(let id, _): .done(hasID: id != nil)
            case .refused, .turnedAway: .refused
            case .moved: .moved
            case .unknown: .unknown
            }
    }

    init(_ sight: EdgeSight) {
        self =
            switch sight {
            case .records(let records):
                .sight(
                    records.map {
                        "\($0.name) \($0.data) \($0.ttl) \($0.comment ?? "-") \($0.isProxied) \($0.isDisabled)"
                    }.sorted())
            case .backends(let backends): .sight(backends.map { "\($0.name) \($0)" }.sorted())
            case .unreadable: .unreadable
            }
    }

    var description: String {
        switch self {
        case .done(let hasID): hasID ? "done, with an id" : "done"
        case .refused: "refused"
        case .moved: "moved"
        case .unknown: "unknown"
        case .sight(let lines): lines.isEmpty ? "nothing there" : lines.joined(separator: "; ")
        case .unreadable: "unreadable"
        }
    }
}

/// What three services hold, in one value: the ids of new records aside, nothing is left out.
struct Held: Equatable {
    var publicRecords: [ZoneRecord]
    var internalZone: InternalZone
    var proxy: Proxy

    init(_ estate: Estate, without names: Set<String> = [], knowing before: Estate? = nil) {
        let known = before.map { Set($0.zone.records.map(\.id)) }
        publicRecords = estate.zone.records.filter { !names.contains($0.name) }.map { record in
            var record = record
            if let known, !known.contains(record.id) { record.id = "new" }
            return record
        }
        internalZone = InternalZone(
            name: estate.internalZone.name, serial: names.isEmpty ? estate.internalZone.serial : 0,
            records: estate.internalZone.records.filter { !names.contains($0.name) })
        proxy = Proxy()
        for backend in estate.proxy.backends where !names.contains(backend.name) {
            proxy.register(backend.name, backend.address, port: backend.port)
        }
    }
}

/// Runs the same steps on both, and holds answers and zones after them against each other.
///
/// - Returns: what the steps came to, and how many requests the laboratory got that could change something.
func onBoth(
    _ prepare: (inout Estate) -> Void = { _ in },
    _ story: @Sendable (any EdgeSide) async throws -> [Told]
) async throws -> (told: [Told], after: Estate, writes: [Write]) {
    var estate = Scenery.estate
    prepare(&estate)
    let world = WorldSide(estate)
    let lab = try await LabSide.opened(estate)
    let expected = try await story(world)
    let told: [Told]
    do {
        told = try await story(lab)
    } catch {
        await lab.house.stop()
        throw error
    }
    await lab.house.stop()
    let (pure, real) = (await world.estate, await lab.estate)
    #expect(told == expected)
    #expect(Held(pure, knowing: estate) == Held(real, knowing: estate))
    // Nothing but our own names, whatever happened.
    #expect(Held(real, without: Scenery.names) == Held(estate, without: Scenery.names))
    return (told, real, await lab.house.writes)
}
