import Core

extension Estate {
    /// What the queues would hold, as lines for `redis-cli`: BullMQ's layout of version 5. It empties the database first.
    package func redisCommands(prefix: String = "bull") -> String {
        var lines = ["flushdb"]
        for queue in queueHouse.queues {
            let base = "\(prefix):\(queue.name)"
            lines.append("hset \(base):meta opts.maxLenEvents 10000 version bullmq:5.56.9")
            if queue.isPaused { lines.append("hset \(base):meta paused 1") }
            for job in queue.jobs {
                var fields = "name work data {} opts {} timestamp \(milliseconds(job.createdAt)) delay 0 priority 0"
                if let processed = job.processedOn { fields += " processedOn \(milliseconds(processed)) ats 1" }
                lines.append("hset \(base):\(job.id) \(fields)")
                let key = "\(base):\(job.place.rawValue)"
                switch job.place {
                case .wait, .paused, .active: lines.append("lpush \(key) \(job.id)")
                case .delayed: lines.append("zadd \(key) \((milliseconds(drawnAt) + 3_600_000) * 4096) \(job.id)")
                case .prioritized: lines.append("zadd \(key) 4294967297 \(job.id)")
                case .waitingChildren: lines.append("zadd \(key) \(milliseconds(job.createdAt)) \(job.id)")
                }
                // Nobody renews it: it lasts as long as a demonstration may.
                if job.lock != nil { lines.append("set \(base):\(job.id):lock token ex 86400") }
            }
            lines.append("set \(base):id \(queue.jobs.count)")
            if queue.workers > 0 {
                lines.append("set \(base):stalled-check \(milliseconds(drawnAt)) ex 86400")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func milliseconds(_ moment: Timestamp) -> Int64 { moment.microseconds / 1000 }
}
