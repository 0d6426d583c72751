import Core
import World

/// One process of the daemon in virtual time: the production controller and saga, one I/O at a time.
struct SimulatedDaemon {
    let number: Int
    let mode: Duty.Mode
    var controller: Controller
    /// What it believes of leadership.
    var tenure = Tenure.none(why: "begins")
    var todo: [Effect] = []
    var saga: (intent: Intent, machine: RepairSaga, answer: RepairSaga.Answer)?
    var edge: (intent: Intent, grounds: EdgeGrounds, machine: EdgeSaga, answer: EdgeSaga.Answer)?
    /// Whether the last check of the change that it works on showed it done.
    var hasSeenItDone = false
    /// Until when it may send; its lease ends then whatever it has heard.
    var leaveUntil: Timestamp?
    /// When it may act under the epoch that it took.
    var actsFrom: (at: Timestamp, epoch: Int64)?
    /// Wakes of the running round.
    var timers: [(at: Timestamp, wake: Wake)] = []
    var alarm: Timestamp?
    /// Nothing happens in it before: it sleeps, stands still, or is being restarted.
    var busyUntil: Timestamp
    var isDead = false
    var reports = 0
    var last: Report?

    init(number: Int, mode: Duty.Mode, settings: PipelineSettings, policies: PolicySet, at now: Timestamp) {
        self.number = number
        self.mode = mode
        controller = Controller(
            settings: settings, policies: policies,
            duty: Duty(mode: mode, kinds: [KindPattern("*")], vmids: nil, cycle: .seconds(60)))
        busyUntil = now
        alarm = now
    }

    /// When it has something to do next; nil when never.
    var nextAt: Timestamp? {
        if isDead { return nil }
        if !todo.isEmpty || saga != nil || edge != nil { return busyUntil }
        let times = timers.map(\.at) + [alarm, actsFrom?.at].compactMap { $0 }
        return times.min().map { max($0, busyUntil) }
    }

    mutating func hear(_ tenure: Tenure, at now: Timestamp) {
        self.tenure = tenure
        todo += controller.handle(.tenure(tenure), at: now)
    }

    /// As a kill would: all that was in memory is gone.
    mutating func crash() {
        isDead = true
        todo = []
        saga = nil
        edge = nil
        actsFrom = nil
        timers = []
    }
}
