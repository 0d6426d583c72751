import Core
import Lab
import Testing
import World

/// What the services do of their own accord, and what is made of it: on the laboratory and in the world alike.
@Suite struct StoryTests {
    private static func look(_ plane: Plane) -> EdgeChange {
        .record(RecordChange(Scenery.rule(plane), deed: .create))
    }

    private static func judged(_ plane: Plane, at side: any EdgeSide) async throws -> RecordChange {
        guard case .records(let here) = await side.look(at: look(plane)) else { throw NoSight() }
        return try #require(RecordChange(Scenery.rule(plane), judging: here))
    }

    private struct NoSight: Error {}

    @Test func aRecordThatIsListedLateIsNotMadeTwice() async throws {
        let run = try await onBoth { side in
            let change = try await Self.judged(.publicDNS, at: side)
            await side.behave(EdgeFaults(cloudflare: [.lateListing(30)]))
            var told = [Told(await side.write(change.writes[0])), Told(await side.look(at: .record(change)))]
            // 81058: an identical record is there, whatever the listing shows.
            told.append(Told(await side.write(change.writes[0])))
            await side.wait(.seconds(30))
            let edge = EdgeChange.record(change)
            let seen = await side.look(at: edge)
            #expect(edge.isDone(seen))
            return told
        }
        #expect(run.told == [.done(hasID: true), .sight([]), .moved])
        #expect(run.after.zone.records(at: Scenery.name).count == 1)
    }

    @Test func aFullZoneTakesNoRecordAndLetsOthersBeCorrected() async throws {
        let run = try await onBoth({
            Scenery.add(to: &$0, .publicDNS, Scenery.service, .srv(SRV(priority: 0, weight: 0, port: 1, target: "x.y")))
            $0.zone.quota = $0.zone.records.count
        }) { side in
            let rule = Scenery.rule(.publicDNS, isService: true)
            let service = EdgeChange.record(RecordChange(rule, deed: .create))
            guard case .records(let here) = await side.look(at: service) else { throw NoSight() }
            let correction = try #require(RecordChange(rule, judging: here))
            return [
                Told(await side.write(try await Self.judged(.publicDNS, at: side).writes[0])),
                Told(await side.write(correction.writes[0])),
            ]
        }
        #expect(run.told == [.refused, .done(hasID: true)])
    }

    @Test(arguments: [Plane.publicDNS, .internalDNS]) func takesBackWhatItMade(plane: Plane) async throws {
        for verb in [Verb.create, .correct] {
            let run = try await onBoth({ estate in
                guard verb == .correct else { return }
                let isOutside = plane == .publicDNS
                Scenery.add(
                    to: &estate, plane, Scenery.name, .a("192.0.2.77"), ttl: isOutside ? 1 : 300, isProxied: isOutside,
                    isDisabled: !isOutside, expiryTTL: isOutside ? 0 : 86_400)
            }) { side in
                let edge = EdgeChange.record(try await Self.judged(plane, at: side))
                let before = await side.look(at: edge)
                guard case .done(let id, _) = await side.write(edge.writes[0]) else { throw NoSight() }
                let undo = try #require(edge.undoing(await side.look(at: edge), id: id))
                let told = Told(await side.write(undo))
                #expect(Told(await side.look(at: edge)) == Told(before))
                #expect(edge.undoing(await side.look(at: edge), id: id) == nil)
                return [told]
            }
            #expect(run.told == [.done(hasID: plane == .publicDNS)])
            let left = run.after.internalZone.records(at: Scenery.name)
            if verb == .correct, plane == .internalDNS { #expect(left.map(\.expiryTTL) == [86_400]) }
        }
    }

    /// One RRset has one TTL: where a second record stands beside ours, a correction would change it.
    @Test func aSiblingKeepsItsTTL() async throws {
        let run = try await onBoth({
            Scenery.add(to: &$0, .internalDNS, Scenery.name, .a("192.0.2.77"), ttl: 300)
        }) { side in
            let change = try await Self.judged(.internalDNS, at: side)
            await side.edit {
                Scenery.add(to: &$0, .internalDNS, Scenery.name, .a("192.0.2.78"), ttl: 300, comment: "theirs")
            }
            return [Told(await side.write(change.writes[0]))]
        }
        #expect(run.told == [.moved])
        #expect(run.after.internalZone.records(at: Scenery.name).map(\.ttl) == [300, 300])
    }

    @Test(arguments: [(Plane.publicDNS, 30), (.publicDNS, 90_000), (.internalDNS, 700_000)])
    func aTTLThatTheServiceDoesNotTake(plane: Plane, ttl: Int) async throws {
        let run = try await onBoth { side in
            let draft = RecordDraft(name: Scenery.name, data: .a("203.0.113.10"), ttl: ttl, comment: nil)
            return [Told(await side.write(.create(plane, draft))), Told(await side.look(at: Self.look(plane)))]
        }
        #expect(run.told == [.refused, .sight([])])
    }

    @Test(arguments: [Plane.publicDNS, .internalDNS]) func aNameOutsideTheZoneIsNeverSent(plane: Plane) async throws {
        for name in ["example.net", "mc-1.example.org", "mc-1.badexample.net"] {
            let run = try await onBoth { side in
                let draft = RecordDraft(name: name, data: .a("203.0.113.10"), ttl: 60, comment: Scenery.mark)
                return [Told(await side.write(.create(plane, draft)))]
            }
            #expect(run.told == [.refused])
            #expect(run.writes.isEmpty)
        }
    }

    @Test func whatMakesNoSenseIsNotWritten() async throws {
        let writes: [EdgeWrite] = [
            .create(.publicDNS, RecordDraft(name: Scenery.name, data: .a("10.0.0.256"), ttl: 60, comment: nil)),
            .create(
                .internalDNS, RecordDraft(name: Scenery.name, data: .a("request-ip-address"), ttl: 60, comment: nil)),
            .create(
                .internalDNS, RecordDraft(name: Scenery.name, data: .cname("x.example.net"), ttl: 60, comment: nil)),
            .create(
                .internalDNS,
                RecordDraft(name: Scenery.name, data: .a("10.0.0.1"), ttl: 60, comment: nil, isDisabled: true)),
            .register(.init(name: "mc.example.net", address: "10.0.0.1", port: 25565), replacing: []),
            .register(.init(name: "mc-1", address: "10.0.0.1", port: 0), replacing: []),
        ]
        let run = try await onBoth { side in
            var told: [Told] = []
            for write in writes { told.append(Told(await side.write(write))) }
            return told
        }
        // A CNAME finds no rule, so that nothing tells whether it could stand there.
        #expect(Set(run.told.map(\.description)).isSubset(of: ["refused", "moved"]))
        #expect(run.writes.isEmpty)
    }

    @Test func theProxyIsToldOnlyWhatIsNew() async throws {
        let other = VelocityReading.Backend(name: Scenery.host, address: "10.0.0.91", port: 25565)
        let run = try await onBoth { side in
            let change = EdgeChange.backend(BackendChange(wanted: Scenery.backend, before: []))
            var told = [
                Told(await side.write(.register(Scenery.backend, replacing: []))), Told(await side.look(at: change)),
            ]
            // To register again could move players.
            told.append(Told(await side.write(.register(Scenery.backend, replacing: []))))
            // Another one than was judged: it is somebody else's by now.
            told.append(Told(await side.write(.register(other, replacing: []))))
            told.append(Told(await side.write(.withdraw(other))))
            told.append(Told(await side.write(.withdraw(Scenery.backend))))
            told.append(Told(await side.write(.withdraw(Scenery.backend))))
            return told
        }
        #expect(
            run.told == [
                .done(hasID: false), .sight(["\(Scenery.host) 10.0.0.90:25565"]), .moved, .moved, .moved,
                .done(hasID: false), .moved,
            ])
        #expect(run.writes.map(\.path) == ["/zpack/register", "/zpack/unregister"])
    }
}
