import Core
import Platform
import TestSupport
import Testing

/// Queues that BullMQ's own port writes, in both layouts, read with nothing but the documented read-only user.
@Suite struct WriterTests {
    @Test(arguments: [5, 6]) func whereEachJobIs(layout: Int) async throws {
        let redis = try await PrivateRedis()
        try await redis.addReader(password: password, queues: [queueName])
        let writer = try BullMQWriter(layout: layout)
        try await writer.run(
            """
            await queue.add("work", {"secret": "payload"}, {"jobId": "op-wait"})
            await queue.add("work", {}, {"jobId": "op-later", "delay": 3600000})
            await queue.add("work", {}, {"jobId": "op-urgent", "priority": 7})
            """, queue: queueName, on: redis)
        let observer = try redis.observer("gsr", password: password)
        let asked = jobs("op-wait", "op-later", "op-urgent", "op-none")
        var queue = try await observer.read(jobs: asked).get().queue()
        #expect(queue.exists && !queue.isPaused)
        #expect(
            queue.jobs == [
                "op-wait": .listed([.wait]), "op-later": .listed([.delayed]), "op-urgent": .listed([.prioritized]),
                "op-none": .notListed,
            ])
        #expect((queue.counts[.wait], queue.counts[.delayed], queue.counts[.prioritized]) == (1, 1, 1))
        #expect(queue.workers == 0)
        #expect(Set(queue.waiting.map(\.id)) == ["op-wait", "op-urgent"])
        #expect(queue.waiting.allSatisfy { $0.createdAt != nil })

        // The old layout renames the list while the queue is paused, the new one leaves the jobs where they are.
        try await writer.run("await queue.pause()", queue: queueName, on: redis)
        let paused = try await observer.read(jobs: asked).get()
        queue = try paused.queue()
        #expect(queue.isPaused)
        #expect(queue.jobs["op-wait"] == .listed([layout == 5 ? .paused : .wait]))
        let judged = try #require(Queues.judge(paused).value)
        #expect(judged.job(asked[3]).unknown == .queuePaused)
        #expect(judged.problem == nil)

        try await writer.run("await queue.resume()", queue: queueName, on: redis)
        let resumed = try await observer.read(jobs: asked).get()
        #expect(try resumed.queue().jobs["op-wait"] == .listed([.wait]))
        let known = try #require(Queues.judge(resumed).value)
        #expect(known.job(asked[3]) == .absent(known.evidence))
    }

    @Test(arguments: [5, 6]) func aWorkerAndItsDeath(layout: Int) async throws {
        let redis = try await PrivateRedis()
        try await redis.addReader(password: password, queues: [queueName])
        let writer = try BullMQWriter(layout: layout)
        let worker = try await writer.begin(
            """
            async def work(job, token):
                print("ready", flush=True)
                await asyncio.sleep(3600)
            await queue.add("work", {}, {"jobId": "op-1"})
            worker = Worker("\(queueName)", work, {**opts, "name": "w1", "lockDuration": 1500, "stalledInterval": 1000})
            await asyncio.sleep(3600)
            """, queue: queueName, on: redis)
        let observer = try redis.observer("gsr", password: password)
        var queue = try await observer.read(jobs: jobs("op-1")).get().queue()
        #expect(queue.jobs == ["op-1": .listed([.active])])
        #expect(queue.running.map(\.id) == ["op-1"])
        #expect(queue.running.first?.lock != nil)
        #expect(queue.running.first?.processedOn != nil)
        #expect((queue.workers ?? 0) > 0)
        try await eventually("the worker has looked for stalled jobs") {
            try await observer.read().get().queue().wasChecked
        }

        worker.kill()
        // "No worker: the job sits in active without lock for ever": it is listed, and so nobody's operation is stale.
        try await eventually("the job is without a lock") {
            queue = try await observer.read(jobs: jobs("op-1")).get().queue()
            return queue.running.first?.lock == nil && queue.workers == 0 && !queue.wasChecked
        }
        #expect(!queue.hasNamelessWorker)
        #expect(queue.jobs == ["op-1": .listed([.active])])
    }

    /// Nobody is there to put it into the queue when it is due.
    @Test(arguments: [5, 6]) func aDelayedJobIsDueWhenItsWriterSaid(layout: Int) async throws {
        let redis = try await PrivateRedis()
        let writer = try BullMQWriter(layout: layout)
        try await writer.run(
            """
            await queue.add("work", {}, {"jobId": "op-1", "delay": 3600000})
            await queue.add("work", {}, {"jobId": "op-2", "delay": 1})
            """, queue: queueName, on: redis)
        let observer = try redis.observer()
        try await eventually("the job is due") { try await !observer.read().get().queue().waiting.isEmpty }
        let reading = try await observer.read().get()
        let waiting = try reading.queue().waiting
        #expect(waiting.map(\.id) == ["op-2"])
        let since = try #require(waiting.first?.since)
        #expect(since <= reading.serverTime && since > reading.serverTime - .minutes(5))
        #expect(QueueBacklog.isOverdue(waiting[0], at: since + .minutes(16)))
    }

    @Test(arguments: [5, 6]) func aFailedTryWaitsAmongTheDelayed(layout: Int) async throws {
        let redis = try await PrivateRedis()
        let writer = try BullMQWriter(layout: layout)
        try await writer.run(
            """
            failed = asyncio.Event()
            async def work(job, token):
                raise Exception("boom")
            await queue.add("work", {}, {"jobId": "op-1", "attempts": 3, "backoff": {"type": "fixed", "delay": 600000}})
            await queue.add("work", {}, {"jobId": "op-2", "removeOnFail": True})
            worker = Worker("\(queueName)", work, opts)
            worker.on("failed", lambda job, error: failed.set() if job.id == "op-2" else None)
            await failed.wait()
            await worker.close(True)
            """, queue: queueName, on: redis)
        let queue = try await redis.observer().read(jobs: jobs("op-1", "op-2")).get().queue()
        #expect(queue.jobs == ["op-1": .listed([.delayed]), "op-2": .notListed])
    }

    /// The ids that a queue hands out itself are numbers; the key beside them has the counter.
    @Test(arguments: [5, 6]) func numberedJobs(layout: Int) async throws {
        let redis = try await PrivateRedis()
        try await BullMQWriter(layout: layout).run(
            "for _ in range(3): await queue.add('work', {}, {})", queue: queueName, on: redis)
        let queue = try await redis.observer().read(jobs: jobs("1", "3", "4")).get().queue()
        #expect(queue.jobs == ["1": .listed([.wait]), "3": .listed([.wait]), "4": .notListed])
        // The oldest is the next to be taken.
        #expect(queue.waiting.map(\.id) == ["1"])
    }
}
