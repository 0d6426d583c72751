/// Runs tasks on a client's own thread, between its transfers.
///
/// A task that asks one host after the other, and does little with each answer, is woken there without waking another thread
/// for it, which would cost more than the asking. Nothing that blocks or takes long may prefer it: the client's transfers wait
/// meanwhile.
package final class ClientExecutor: TaskExecutor {
    private let mailbox: Mailbox

    init(_ mailbox: Mailbox) { self.mailbox = mailbox }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if !mailbox.post(.run(job)) { ClientExecutor.runElsewhere(job) }
    }

    /// On the client's thread.
    func run(_ job: UnownedJob) { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }

    /// Where the client's thread has ended, or never began.
    static func runElsewhere(_ job: UnownedJob) { globalConcurrentExecutor.enqueue(job) }
}
