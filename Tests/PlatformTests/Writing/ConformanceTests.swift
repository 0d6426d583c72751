import Core
import Lab
import Testing
import World

/// The real writers on the laboratory and the world's pure functions: the same steps, the same answers, the same zones after.
@Suite struct ConformanceTests {
    private static func record(_ plane: Plane, isService: Bool = false, at side: any EdgeSide) async throws
        -> RecordChange
    {
        let rule = Scenery.rule(plane, isService: isService)
        let change = EdgeChange.record(RecordChange(rule, deed: .create))
        guard case .records(let here) = await side.look(at: change) else { throw NoSight() }
        return try #require(RecordChange(rule, judging: here))
    }

    struct NoSight: Error {}

    // MARK: Each write with each fault

    private static var grid: [(Plane, Verb, WriteFault?)] {
        var cells: [(Plane, Verb, WriteFault?)] = []
        for (plane, verb) in Verb.all {
            cells.append((plane, verb, nil))
            for fault in WriteFault.allCases where fault.planes.contains(plane) { cells.append((plane, verb, fault)) }
        }
        return cells
    }

    @Test(arguments: grid) func everyWriteWithEveryFault(plane: Plane, verb: Verb, fault: WriteFault?) async throws {
        let change = verb.change(plane)
        let run = try await onBoth({ verb.prepare(&$0, plane) }) { side in
            let before = await side.look(at: change)
            let write = try #require(verb.write(plane, seeing: before))
            await side.behave(EdgeFaults(write: fault))
            let answer = await side.write(write)
            await side.behave(.none)
            let after = await side.look(at: change)
            let isDone = verb == .withdraw ? after == .backends([]) : change.isDone(after)
            // A quota stands against new records alone.
            let isHit = fault != nil && !(fault == .overQuota && verb != .create)
            let fault = isHit ? fault : nil
            #expect(isDone == (fault?.isDone ?? true))
            if !isDone { #expect(after == before) }
            return [Told(answer), Told(before), Told(after)]
        }
        let isHit = fault != nil && !(fault == .overQuota && verb != .create)
        let expected: Told =
            switch isHit ? fault : nil {
            case nil: .done(hasID: plane == .publicDNS)
            case let fault?: fault.isTold ? .refused : .unknown
            }
        #expect(run.told.first == expected)
        // One request, whatever came of it.
        #expect(run.writes.count == 1)
    }

    // MARK: Each write when the look before it goes wrong

    private static let readings: [EdgeFaults] =
        (CloudflareFault.simple.values.sorted { "\($0)" < "\($1)" } + [.pageLost(1), .lateListing(30)]).map {
            EdgeFaults(cloudflare: [$0])
        } + TechnitiumFault.allCases.map { EdgeFaults(technitium: [$0]) }
        + VelocityFault.allCases.map { EdgeFaults(velocity: [$0]) }

    @Test(arguments: readings) func noWriteWithoutALook(faults: EdgeFaults) async throws {
        let plane: Plane =
            !faults.cloudflare.isEmpty ? .publicDNS : !faults.technitium.isEmpty ? .internalDNS : .velocity
        for (_, verb) in Verb.all.filter({ $0.0 == plane }) {
            let change = verb.change(plane)
            let run = try await onBoth({ verb.prepare(&$0, plane) }) { side in
                let write = try #require(verb.write(plane, seeing: await side.look(at: change)))
                await side.behave(faults)
                let seen = Told(await side.look(at: change))
                let answer = Told(await side.write(write))
                await side.behave(.none)
                return [seen, answer, Told(await side.look(at: change))]
            }
            // By its id a record is read although it cannot be listed.
            let isByID = plane == .publicDNS && verb != .create
            if run.told.first == .unreadable, !isByID { #expect(run.told[1] == .refused) }
            if run.told[1] == .refused { #expect(run.writes.isEmpty) }
        }
    }

    // MARK: Stories

    @Test(arguments: [Plane.publicDNS, .internalDNS]) func publishesAndPublishesOnce(plane: Plane) async throws {
        let hasID = plane == .publicDNS
        let run = try await onBoth { side in
            var told: [Told] = []
            for isService in [false, true] {
                let change = try await Self.record(plane, isService: isService, at: side)
                for _ in 0..<2 { told.append(Told(await side.write(change.writes[0]))) }
                let edge = EdgeChange.record(change)
                #expect(edge.isDone(await side.look(at: edge)))
            }
            return told
        }
        #expect(run.told == [.done(hasID: hasID), .moved, .done(hasID: hasID), .moved])
        #expect(run.writes.count == 2)
    }

    @Test(arguments: [Plane.publicDNS, .internalDNS], [DNSRecord.Data.a("192.0.2.9"), .cname("elsewhere.example")])
    func neverASecondRecord(plane: Plane, stranger: DNSRecord.Data) async throws {
        let run = try await onBoth { side in
            let change = try await Self.record(plane, at: side)
            await side.edit { Scenery.add(to: &$0, plane, Scenery.name, stranger, comment: "theirs") }
            return [Told(await side.write(change.writes[0])), Told(await side.look(at: .record(change)))]
        }
        #expect(run.told.first == .moved)
        #expect(run.writes.isEmpty)
    }

    struct Meddling: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let act: @Sendable (inout Estate) -> Void

        static func on(
            _ name: String, inside: @escaping @Sendable (inout InternalRecord) -> Void,
            outside: @escaping @Sendable (inout ZoneRecord) -> Void
        ) -> Meddling {
            Meddling(testDescription: name) { estate in
                estate.internalZone.change {
                    $0.name == Scenery.name && $0.data.type == "A"
                } _: {
                    inside(&$0)
                }
                for var record in estate.zone.records(at: Scenery.name) where record.type == "A" {
                    outside(&record)
                    estate.zone.replace(record)
                }
            }
        }
    }

    private static let meddlings: [Meddling] = [
        .on("comment", inside: { $0.comment = "theirs" }, outside: { $0.comment = "theirs" }),
        .on("TTL", inside: { $0.ttl = 300 }, outside: { $0.ttl = 300 }),
        .on(
            "value",
            inside: { if $0.data != .a("10.60.0.10") { $0.data = .a("192.0.2.200") } },
            outside: { $0.content = "192.0.2.200" }),
        .on("state", inside: { $0.isDisabled = true }, outside: { $0.isProxied = true }),
        Meddling(testDescription: "existence") { estate in
            estate.internalZone.remove { $0.name == Scenery.name }
            for record in estate.zone.records(at: Scenery.name) { estate.zone.remove(id: record.id) }
        },
    ]

    /// Somebody else changes the record between the decision and the act: by one property, and nothing is done.
    @Test(arguments: [Verb.correct, .remove], meddlings) func noForeignRecordChangesByOneByte(
        verb: Verb, meddling: Meddling
    ) async throws {
        for plane in [Plane.publicDNS, .internalDNS] {
            let run = try await onBoth({ verb.prepare(&$0, plane) }) { side in
                let write = try #require(verb.write(plane, seeing: await side.look(at: verb.change(plane))))
                await side.edit(meddling.act)
                let before = Held(await side.estate)
                let told = Told(await side.write(write))
                #expect(Held(await side.estate) == before)
                return [told]
            }
            #expect(run.told == [.moved])
            #expect(run.writes.isEmpty)
        }
    }
}
