internal import Glibc

/// Runs the jobs of one actor on one thread of its own, so that a blocking C call never holds a thread of the
/// cooperative pool.
///
/// Unchecked because `jobs` and `isStopped` are only touched with the lock held.
package final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
    private let lock = ThreadLock()
    private var jobs: [UnownedJob] = []
    private var isStopped = false

    /// Starts the thread. It keeps the executor alive until ``stop()``.
    package static func start() throws(BlockingError) -> ThreadExecutor {
        let executor = ThreadExecutor()
        try DetachedThread.start { executor.loop() }
        return executor
    }

    private init() {}

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        lock.withLock { jobs.append(job) }
    }

    /// Ends the thread after what is queued has run; called when the actor is gone.
    package func stop() { lock.withLock { isStopped = true } }

    private func loop() {
        while true {
            var batch: [UnownedJob] = []
            let isOver = lock.waitUntil {
                !self.jobs.isEmpty || self.isStopped
            } then: {
                swap(&batch, &self.jobs)
                return self.isStopped && batch.isEmpty
            }
            if isOver { return }
            for job in batch { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }
}

/// A mutex with a condition. `Synchronization.Mutex` gives false reports under ThreadSanitizer on Linux, and cannot
/// wait.
///
/// Unchecked because POSIX makes both safe to use from any thread at an address that does not move.
@safe package final class ThreadLock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
        // Default attributes: neither can fail on Linux.
        _ = unsafe pthread_mutex_init(mutex, nil)
        _ = unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Runs `body` alone, then wakes who waits.
    package func withLock<T>(_ body: () -> T) -> T {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_signal(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        return body()
    }

    package func waitUntil<T>(_ isTime: () -> Bool, then body: () -> T) -> T {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while !isTime() { unsafe pthread_cond_wait(condition, mutex) }
        return body()
    }
}

/// A thread that nobody joins.
package enum DetachedThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    package static func start(_ run: @escaping @Sendable () -> Void) throws(BlockingError) {
        let body = unsafe Unmanaged.passRetained(Body(run))
        var thread = pthread_t()
        // pthread_create(3): 0, or EAGAIN when there is no room for a thread.
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            unsafe body.release()
            throw BlockingError(.exhausted, "no thread: errno \(status)")
        }
        pthread_detach(thread)
    }
}
