import Core
import Fixtures
import Testing

@Suite struct QueuesFormTests {
    @Test func whatWasReadOfTheQueuesSurvivesTheFile() throws {
        let at = Timestamp(microseconds: 1_767_225_600_123_456)
        let queue = QueueReading.Queue(
            name: "provisioning", exists: true, isPaused: true, version: "bullmq:5.56.9",
            counts: [.waitingChildren: 2, .wait: 7],
            running: [
                QueueReading.Running(id: "op_runId", lock: .milliseconds(25_000), processedOn: at),
                QueueReading.Running(id: "2", lock: nil, processedOn: nil),
            ],
            waiting: [
                QueueReading.Waiting(
                    id: "3", createdAt: at, delay: .minutes(1), processedOn: at, queuedAt: at, mayBeNewer: true),
                QueueReading.Waiting(id: "4", createdAt: nil),
            ], lookedAt: [.wait: 5, .prioritized: 2], mayHideOlder: [.wait, .prioritized],
            jobs: [
                "op_one": .listed([.wait, .active]), "opTwo": .notListed, "op-three": .listTooLong(.waitingChildren),
            ], workers: 3, wasChecked: true)
        let failed = ReadFailure(.forbidden, "NOPERM", at: at)
        let reading = QueueReading(
            endpoint: "10.0.0.1:6379/0", runID: "abc", role: "master", serverTime: at,
            answers: [
                QueueReading.Answer(name: "provisioning", queue: .success(queue)),
                QueueReading.Answer(name: "repair", queue: .failure(failed)),
            ], startedAt: at)
        let desired = DesiredState(
            instances: [], operations: [], billing: [], retired: [], unreadable: [], pauses: [], accepted: [],
            readAt: at)
        var looks = [Fixture.Look(desired: .success(desired)), Fixture.Look(desired: .success(desired))]
        looks[0].queues = .success(reading)
        looks[1].queues = .failure(ReadFailure(.replica, "a replica", at: at))
        let settings = PipelineSettings(
            id: "test-1", scope: Scope(game: nil, dev: nil), proxmox: nil, zone: nil, publicDNS: nil, internalDNS: nil,
            agents: false, velocity: false, queues: true)
        let fixture = Fixture(capturedAt: at, settings: settings, looks: looks)
        #expect(try FixtureFile.decode(FixtureFile.encode(fixture), path: "test") == fixture)
    }

    /// Whoever writes a fixture may write any number.
    @Test(arguments: [
        (#""running": [ { "id": "1", "lock_ms": NUMBER } ]"#, "a job's lock_ms cannot be NUMBER"),
        (#""waiting": [ { "id": "1", "delay_ms": NUMBER } ]"#, "a job's delay_ms cannot be NUMBER"),
        (#""counts": [ { "list": "wait", "count": NUMBER } ]"#, "list 'wait' of a queue cannot have NUMBER jobs"),
        (#""looked_at": [ { "list": "wait", "count": NUMBER } ]"#, "list 'wait' of a queue cannot have NUMBER jobs"),
    ])
    func whatCannotBeIsRefused(_ part: String, _ words: String) throws {
        func read(_ number: Int64) throws {
            let part = part.replacing("NUMBER", with: "\(number)")
            let text = """
                { "fixture": 1, "captured_at": "2026-03-01T12:00:00Z",
                  "settings": { "id": "t", "scope": {}, "queues": true },
                  "looks": [ { "desired": { "read_at": "2026-03-01T12:00:00Z", "instances": [] },
                    "queues": { "endpoint": "r", "read_at": "2026-03-01T12:00:00Z", "run_id": "a", "role": "master",
                      "server_time": "2026-03-01T12:00:00Z", "queues": [ { "name": "q", "exists": true, \(part) } ] } } ] }
                """
            _ = try FixtureFile.decode(Array(text.utf8), path: "f.json")
        }
        try read(1 << 40)
        for number in [Int64.max, .min, 9_200_000_000_000_000_000, -1] {
            #expect {
                try read(number)
            } throws: { error in
                (error as? FixtureError)?.message == words.replacing("NUMBER", with: "\(number)")
            }
        }
    }
}
