internal import Foundation

/// BullMQ's official Python port, which writes the queues of the tests: `scripts/prepare-tests` installs both versions.
package struct BullMQWriter: Sendable {
    /// 5 or 6: the layout.
    package let layout: Int
    private let python: String

    /// - Throws: when `ZLH_BULLMQ` does not name the folder with the two installations: a check that cannot run fails.
    package init(layout: Int) throws {
        self.layout = layout
        guard let folder = ProcessInfo.processInfo.environment["ZLH_BULLMQ"] else {
            throw PrivateRedis.Failure(
                description: "ZLH_BULLMQ is not set; run scripts/test, or scripts/prepare-tests and set what it prints")
        }
        python = "\(folder)/v\(layout)/bin/python3"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw PrivateRedis.Failure(description: "there is no \(python); run scripts/prepare-tests")
        }
    }

    /// Runs a scenario to its end: statements in an async function with `queue`, `Queue`, `Worker`, `opts` and `asyncio`.
    package func run(_ body: String, queue: String, on redis: PrivateRedis) async throws {
        let (status, text) = try await start(body, queue: queue, on: redis).finish()
        guard status == 0 else { throw PrivateRedis.Failure(description: "exit \(status): \(text)") }
    }

    /// Begins a scenario and waits until it prints `ready`.
    package func begin(_ body: String, queue: String, on redis: PrivateRedis) async throws -> Child {
        let run = try start(body, queue: queue, on: redis)
        try await run.waitUntilReady()
        return run
    }

    private func start(_ body: String, queue: String, on redis: PrivateRedis) throws -> Child {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
        let program = """
            import asyncio
            from bullmq import Queue, Worker
            opts = {"connection": "redis://127.0.0.1:\(redis.port)"}
            async def main():
                queue = Queue("\(queue)", opts)
            \(lines.joined(separator: "\n"))
                await queue.close()
            asyncio.run(main())
            """
        return try Child(python, ["-W", "ignore", "-c", program])
    }
}
