import Core
import TestSupport
import Testing

/// What only a daemon can tell: conditions that are drift once they have lasted.
@Suite("What has to last")
struct HistoryTests {
    private static let silence = ReadFailure(.timeout, "no answer", at: Fleet.now)

    /// One case for each kind: how it is brought about and ended, for how many minutes, and its plane's failure.
    struct Case: Sendable, CustomTestStringConvertible {
        var kind: DriftKind
        var minutes: Int
        var begin: @Sendable (inout Fleet) -> Void
        var end: @Sendable (inout Fleet) -> Void
        var blind: @Sendable (inout Fleet) -> Void
        var testDescription: String { kind.rawValue }
    }

    static let cases = [
        Case(
            kind: .containerLocked, minutes: 30, begin: { $0.changeGuest(5001) { $0.lock = "backup" } },
            end: { $0.changeGuest(5001) { $0.lock = nil } }, blind: { $0.isQuorate = false }),
        Case(
            kind: .agentNotReady, minutes: 10,
            begin: { $0.agents[5001] = .status(AgentStatus(state: .starting, ready: false)) },
            end: { $0.agents[5001] = .status(Fleet.well) }, blind: { $0.agents[5001] = .failed(.serverError) }),
        Case(
            kind: .queueStalled, minutes: 1,
            begin: { $0.queues.running = [.init(id: "7", lock: nil, processedOn: Fleet.now)] },
            end: { $0.queues.running = [.init(id: "7", lock: .seconds(25), processedOn: Fleet.now)] },
            blind: { $0.queues.failure = silence }),
        Case(
            kind: .queueNoWorker, minutes: 1, begin: { $0.queues.workers = 0 }, end: { $0.queues.workers = 2 },
            blind: { $0.queues.failure = silence }),
    ]

    private static func fleet() -> Fleet {
        var fleet = Fleet.withHosts()
        fleet.observeQueues()
        return fleet
    }

    /// A lock on a guest that may be another's is nobody's to tell, and one that was told has not ended by that.
    @Test func aLockOnAGuestThatMayBeAnothersIsNotTold() {
        var daemon = FleetDaemon(Self.fleet())
        daemon.lead()
        daemon.fleet.changeGuest(5001) { ($0.name, $0.lock) = ("CT5001", "backup") }
        daemon.watch(minutes: 40)
        #expect(daemon.found == [])
        daemon.fleet.changeGuest(5001) { $0.name = "mc-paper-5001" }
        daemon.watch(minutes: 40)
        #expect(daemon.found == [.containerLocked])
        daemon.fleet.changeGuest(5001) { $0.name = "CT5001" }
        daemon.watch(minutes: 3)
        #expect(daemon.found == [] && daemon.journal.map(\.outcome) == [.opened])
    }

    @Test(arguments: cases)
    func itIsToldOnceItHasLastedAndNotBefore(_ subject: Case) {
        var daemon = FleetDaemon(Self.fleet())
        daemon.lead()
        subject.begin(&daemon.fleet)
        // The first round only begins to count: so many minutes have passed by the one after these.
        for _ in 0...subject.minutes {
            daemon.round()
            #expect(daemon.found == [])
        }
        daemon.round()
        #expect(daemon.found == [subject.kind])
        let decision = daemon.reports.last?.decision(subject.kind)
        #expect(decision?.verdict == .report && decision?.reason == .observeOnly && decision?.level == .report)
        daemon.watch(minutes: 5)
        #expect(daemon.journal.map(\.outcome) == [.opened])
        subject.end(&daemon.fleet)
        daemon.round()
        #expect(daemon.found == [])
        #expect(daemon.journal.map(\.outcome) == [.opened, .closed])
        #expect(daemon.intents == [])
    }

    @Test(arguments: cases)
    func anInterruptionBeginsAnew(_ subject: Case) {
        var daemon = FleetDaemon(Self.fleet())
        for _ in 0..<3 {
            subject.begin(&daemon.fleet)
            daemon.watch(minutes: subject.minutes)
            subject.end(&daemon.fleet)
            daemon.round()
        }
        #expect(daemon.reports.allSatisfy { $0.decision(subject.kind) == nil })
    }

    @Test(arguments: cases)
    func aRoundThatCannotSeeNeitherEndsItNorCounts(_ subject: Case) {
        var daemon = FleetDaemon(Self.fleet())
        daemon.lead()
        subject.begin(&daemon.fleet)
        daemon.watch(minutes: subject.minutes)
        let sighted = daemon.fleet
        subject.blind(&daemon.fleet)
        daemon.watch(minutes: 60)
        #expect(daemon.reports.allSatisfy { $0.decision(subject.kind) == nil })
        daemon.fleet = sighted
        // The blind hour and the way out of it do not count; what was seen before it does.
        daemon.watch(minutes: 2)
        #expect(daemon.found == [])
        daemon.round()
        #expect(daemon.found == [subject.kind])
        // Neither does a blind round end what is told.
        subject.blind(&daemon.fleet)
        daemon.watch(minutes: 3)
        daemon.fleet = sighted
        daemon.round()
        #expect(daemon.found == [subject.kind])
        #expect(daemon.journal.map(\.outcome) == [.opened])
    }

    @Test(arguments: cases)
    func aRestartClosesNothingThatStillHolds(_ subject: Case) {
        var first = FleetDaemon(Self.fleet())
        first.lead()
        subject.begin(&first.fleet)
        first.watch(minutes: subject.minutes + 2)
        #expect(first.journal.map(\.outcome) == [.opened])
        // One that has just begun, and one that stood by for a moment too short to know it by itself.
        for rounds in [0, 1] {
            var second = FleetDaemon(first.fleet)
            second.memory = Memory(open: first.journal.map(\.drift))
            second.watch(minutes: rounds)
            second.lead(2)
            second.watch(minutes: 3)
            #expect(second.found == [subject.kind])
            #expect(second.journal == [])
            subject.end(&second.fleet)
            second.round()
            #expect(second.journal.map(\.outcome) == [.closed])
        }
    }

    @Test(arguments: cases)
    func aDaemonSaysWhatItHasNotWatchedForLongEnough(_ subject: Case) {
        var daemon = FleetDaemon(Self.fleet())
        func why() -> String? { daemon.reports.last?.notEvaluated.first { $0.kind == subject.kind }?.why }
        daemon.round()
        #expect(why() == "this process has not watched for \(Span.minutes(Int64(subject.minutes))) yet")
        daemon.watch(minutes: subject.minutes + 1)
        #expect(why() == nil)
    }

    @Test func anotherLockIsAnotherStretch() {
        var daemon = FleetDaemon(Self.fleet())
        for lock in ["backup", "snapshot", "backup", "migrate"] {
            daemon.fleet.changeGuest(5001) { $0.lock = lock }
            daemon.watch(minutes: 20)
        }
        #expect(daemon.reports.allSatisfy { $0.decision(.containerLocked) == nil })
    }

    @Test func aJobThatIsStartedAgainIsNotStalled() {
        var daemon = FleetDaemon(Self.fleet())
        for minute in 0..<6 {
            let begun = Fleet.now + .minutes(Int64(minute))
            daemon.fleet.queues.running = [.init(id: "7", lock: nil, processedOn: begun)]
            daemon.round()
        }
        #expect(daemon.reports.allSatisfy { $0.decision(.queueStalled) == nil })
    }

    /// It was in no list meanwhile: what held before that does not count, though it is the same run of the same job.
    @Test func aJobThatWasGoneBeginsAnew() {
        var daemon = FleetDaemon(Self.fleet())
        let stalled = QueueReading.Running(id: "7", lock: nil, processedOn: Fleet.now)
        daemon.fleet.queues.running = [stalled]
        daemon.watch(minutes: 3)
        #expect(daemon.found == [.queueStalled])
        daemon.fleet.queues.running = []
        daemon.watch(minutes: 1)
        daemon.fleet.queues.running = [stalled]
        daemon.round()
        #expect(daemon.found == [])
        daemon.watch(minutes: 2)
        #expect(daemon.found == [.queueStalled])
    }

    /// Each job by itself: one that loses its lock for a moment is not the one that was told of.
    @Test func otherJobsDoNotKeepAStalledQueueOpen() {
        var daemon = FleetDaemon(Self.fleet())
        daemon.lead()
        daemon.fleet.queues.running = [.init(id: "7", lock: nil, processedOn: Fleet.now)]
        daemon.watch(minutes: 3)
        #expect(daemon.found == [.queueStalled])
        for id in ["8", "9", "10"] {
            daemon.fleet.queues.running = [.init(id: id, lock: nil, processedOn: Fleet.now)]
            daemon.round()
            #expect(daemon.found == [])
        }
        #expect(daemon.journal.map(\.outcome) == [.opened, .closed])
        // Nor after a restart: only a job that has been like this since the process watches may be that one.
        var second = FleetDaemon(daemon.fleet)
        second.memory = Memory(open: daemon.journal.prefix(1).map(\.drift))
        second.lead(2)
        for id in ["11", "12"] {
            second.fleet.queues.running = [.init(id: id, lock: nil, processedOn: Fleet.now)]
            second.round()
            #expect(second.found == [])
            #expect(second.journal.map(\.outcome) == (id == "11" ? [] : [.closed]))
        }
    }

    @Test func aClockThatJumpsHasNotWatched() {
        var daemon = FleetDaemon(Self.fleet())
        daemon.fleet.changeGuest(5001) { $0.lock = "backup" }
        daemon.watch(minutes: 5)
        daemon.now = daemon.now + .minutes(600)
        daemon.watch(minutes: 5)
        daemon.now = daemon.now + .minutes(-500)
        daemon.watch(minutes: 5)
        #expect(daemon.reports.allSatisfy { $0.decision(.containerLocked) == nil })
    }

    @Test func workersThatMayNotBeCountedAreSaidAndNotMissed() {
        var daemon = FleetDaemon(Self.fleet())
        daemon.fleet.queues.workers = nil
        daemon.watch(minutes: 5)
        #expect(daemon.found == [])
        let entry = daemon.reports.last?.notEvaluated.first { $0.kind == .queueNoWorker }
        #expect(entry?.why.contains("CLIENT LIST") == true)
    }

    /// A lock that nothing ends, or that outlasts a day, is none that a worker renews.
    @Test(arguments: [Span.seconds(0), .seconds(90_000)])
    func aLockThatIsNeverRenewedIsNoWorker(lock: Span) {
        var daemon = FleetDaemon(Self.fleet())
        daemon.fleet.queues.workers = 0
        daemon.fleet.queues.running = [.init(id: "7", lock: lock, processedOn: Fleet.now)]
        daemon.watch(minutes: 3)
        #expect(daemon.found == [.queueNoWorker])
    }

    private static let signs: [@Sendable (inout FleetQueues) -> Void] = [
        { $0.running = [.init(id: "7", lock: .seconds(25), processedOn: Fleet.now)] }, { $0.wasChecked = true },
    ]

    /// A provider may refuse to have connections named: then no worker is ever counted, and the jobs are done all the same.
    @Test(arguments: 0..<2)
    func workersWithoutNamesAreNotMissed(which: Int) {
        var daemon = FleetDaemon(Self.fleet())
        daemon.lead()
        let silent = daemon.fleet.queues
        daemon.fleet.queues.workers = 0
        Self.signs[which](&daemon.fleet.queues)
        daemon.watch(minutes: 5)
        #expect(daemon.found == [])
        let entry = daemon.reports.last?.notEvaluated.first { $0.kind == .queueNoWorker }
        #expect(entry?.why.contains("without a worker's name") == true)
        // Once nothing is left of them it is told, and another sign of one does not end it.
        (daemon.fleet.queues, daemon.fleet.queues.workers) = (silent, 0)
        daemon.watch(minutes: 3)
        #expect(daemon.found == [.queueNoWorker])
        Self.signs[which](&daemon.fleet.queues)
        daemon.watch(minutes: 2)
        #expect(daemon.found == [] && daemon.journal.map(\.outcome) == [.opened])
        daemon.fleet.queues = silent
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened, .closed])
    }

    @Test func aDeveloperHasNoWorkloadThatCouldBeReady() {
        var daemon = FleetDaemon(Self.fleet())
        daemon.fleet.agents[5001] = .status(AgentStatus(state: .running, ready: false))
        daemon.fleet.changeRow(5001) { $0.ctype = .dev }
        daemon.watch(minutes: 15)
        #expect(daemon.reports.allSatisfy { $0.decision(.agentNotReady) == nil })
    }

    /// Another customer's server may have the address by now.
    @Test(arguments: [GuestAddresses(ipv4: ["10.70.9.9"], isWhole: true), nil])
    func whoMayBeAnotherServerIsNotCalledLate(_ addresses: GuestAddresses?) {
        var daemon = FleetDaemon(Self.fleet())
        daemon.lead()
        let own = daemon.fleet.addresses[VMID(5001)!]
        daemon.fleet.agents[5001] = .status(AgentStatus(state: .starting, ready: false))
        daemon.fleet.addresses[VMID(5001)!] = addresses
        daemon.watch(minutes: 15)
        #expect(daemon.reports.allSatisfy { $0.decision(.agentNotReady) == nil })
        #expect(
            daemon.reports.last?.unknown.contains(
                UnknownFact(vmid: VMID(5001), plane: .agents, reason: .addressUnknown)) == true)
        // It is told once the guest shows the address, and is not ended by a round that cannot see that.
        daemon.fleet.addresses[VMID(5001)!] = own
        daemon.watch(minutes: 12)
        #expect(daemon.found.contains(.agentNotReady))
        daemon.fleet.addresses[VMID(5001)!] = addresses
        daemon.watch(minutes: 3)
        #expect(!daemon.found.contains(.agentNotReady))
        #expect(daemon.journal.filter { $0.drift.kind == .agentNotReady }.map(\.outcome) == [.opened])
    }

    @Test func aCrashExplainsThatItIsNotReady() {
        var daemon = FleetDaemon(Self.fleet())
        daemon.fleet.agents[5001] = .status(AgentStatus(state: .crashed, ready: false))
        daemon.watch(minutes: 13)
        let crash = daemon.reports.last?.decision(.agentCrashed)
        let late = daemon.reports.last?.decision(.agentNotReady)
        #expect(late?.drift.causedBy == crash?.drift.id && late?.reason == .causedBy)
    }

    @Test func anAuditHasTheSamePlan() {
        var daemon = FleetDaemon(Self.fleet())
        daemon.fleet.changeGuest(5001) { $0.lock = "backup" }
        daemon.fleet.removeRecord("s5002")
        daemon.watch(minutes: 33)
        #expect(daemon.found.contains(.containerLocked))
        #expect(daemon.reports.last?.planHash == daemon.fleet.audit()?.planHash)
    }
}
