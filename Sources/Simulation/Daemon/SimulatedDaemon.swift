import Core
import World

/// One process of the daemon in virtual time: the production controller and sagas, one I/O at a time. Its leadership, its clock
/// and its pauses are those of the node with its number.
struct SimulatedDaemon {
    let number: Int
    /// Of its node: another one is another process.
    let life: Int
    var controller: Controller
    /// As it was before the round that runs: nothing is remembered of one in which a clock was set.
    var before: Controller
    /// What has changed since that one began.
    var changed: Changed?
    /// What time it thinks it is.
    var time: SteadyTime
    /// Told of leadership, and not heard: it hears between a round with its repairs and the next.
    var tenures: [Tenure] = []
    var told: Tenure?
    var isInRound = false
    var todo: [Effect] = []
    var saga: (intent: Intent, machine: RepairSaga, answer: RepairSaga.Answer, act: Int?)?
    var edge: (intent: Intent, grounds: EdgeGrounds, machine: EdgeSaga, answer: EdgeSaga.Answer, act: Int?)?
    /// The request whose answer it waits for, and the answer once it is there.
    var awaits: Int?
    var heard: (at: Timestamp, what: Heard)?
    /// Whether the last check of the change that it works on showed it done.
    var hasSeenItDone = false
    /// Of the change that it works on: what it saw at the name last, and whether an answer of the service is not written down yet.
    var seen: EdgeSight?
    var owesNote = false
    var hasWritten = false
    /// Wakes of the running round; when they come, and the alarm, is true time.
    var timers: [(at: Timestamp, wake: Wake)] = []
    var alarm: Timestamp?
    /// Whose repairs have begun since the last round did.
    var repaired: [VMID?] = []
    var hasBegunNew = false
    var isDead = false
    /// Asked to stop: it ends the repair that runs, and begins nothing.
    var isStopping = false
    var hasStopped = false
    var last: Report?
    var conduct = DaemonConduct()

    static let cycle = Span.seconds(60)

    /// - Parameter clocks: of its machine.
    init(
        number: Int, life: Int, mode: Duty.Mode, settings: PipelineSettings, policies: PolicySet,
        clocks: SteadyTime.Reading, at now: Timestamp
    ) {
        self.number = number
        self.life = life
        time = SteadyTime(clocks)
        controller = Controller(
            settings: settings, policies: policies,
            duty: Duty(mode: mode, kinds: [KindPattern("*")], vmids: nil, cycle: SimulatedDaemon.cycle))
        before = controller
        alarm = now
    }

    private var isRepairing: Bool { saga != nil || edge != nil }

    /// When it has something to do next; nil when never.
    var nextAt: Timestamp? {
        if isDead || hasStopped { return nil }
        if let heard { return heard.at }
        if awaits != nil { return nil }
        let always = Timestamp(microseconds: .min)
        if isRepairing || isStopping || !todo.isEmpty || !tenures.isEmpty && !isInRound { return always }
        return (timers.map(\.at) + [alarm].compactMap { $0 }).min()
    }

    /// Before the next one.
    mutating func forgetChange() {
        (hasSeenItDone, seen, owesNote, hasWritten) = (false, nil, false, false)
    }

    /// As a kill would: all that was in memory is gone.
    mutating func die() {
        isDead = true
        (todo, tenures, timers, saga, edge, awaits, heard) = ([], [], [], nil, nil, nil, nil)
    }
}
