import Core
import Curl
import Glibc
import Testing

/// How a client keeps connections and runs tasks.
@Suite struct ClientPoolTests {
    private let client = HTTPClient()

    private func get(_ url: String) -> HTTPRequest { HTTPRequest(.get, url, timeout: .seconds(20)) }

    @Test func eachPoolKeepsItsOwnConnections() async throws {
        let server = try RawServer.answering { _, _ in answer() }
        let pools = [0, 3, 1].map { HTTPClient.Pool($0, of: 3) }
        for pool in [0, 2, 2, 1, 0, 1].map({ pools[$0] }) { _ = try await client.send(get(server.url), from: pool) }
        #expect(server.connections == 3)
        #expect(server.heads.count == 6)
    }

    /// The oldest is closed for a new one, in each pool by itself.
    @Test func poolsShareWhatAClientKeeps() async throws {
        let client = HTTPClient(keeps: 4)
        defer { client.shutdown() }
        let servers = try (0..<3).map { _ in try RawServer.answering { _, _ in answer() } }
        for pool in [HTTPClient.Pool.only, .init(0, of: 2)] {
            for _ in 0..<2 {
                for server in servers { _ = try await client.send(get(server.url), from: pool) }
            }
        }
        // Three fit among four and stay; two places are too few for three in turn.
        let connections = servers.map(\.connections).reduce(0, +)
        #expect(connections > 3 && connections <= 9)
    }

    /// Every part of such a task is run by the thread that has the answers, until that has ended.
    @Test func aTaskCanRunWhereTheTransfersAre() async throws {
        let server = try RawServer.answering { _, _ in answer() }
        let client = HTTPClient()
        let threads = Locked<[UInt]>([])
        @Sendable func noteThread() { threads.withLock { $0.append(UInt(pthread_self())) } }
        try await withTaskExecutorPreference(client.executor) {
            noteThread()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        for _ in 0..<3 {
                            _ = try await client.send(HTTPRequest(.get, server.url, timeout: .seconds(20)))
                            noteThread()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(threads.withLock { $0.count } == 61)
        #expect(Set(threads.withLock { $0 }).count == 1)
    }

    @Test func aTaskThatPrefersAStoppedClientRunsElsewhere() async {
        let client = HTTPClient()
        client.shutdown()
        for _ in 0..<50 {
            let failure = await withTaskExecutorPreference(client.executor) { () async -> HTTPFailure? in
                do throws(HTTPFailure) {
                    _ = try await client.send(HTTPRequest(.get, "http://127.0.0.1:9", timeout: .seconds(20)))
                    return nil
                } catch {
                    return error
                }
            }
            #expect(failure?.code == .notRead)
        }
    }

    /// Hosts that follow one another, and hosts a subnet apart; and whatever number is asked for, there is a pool.
    @Test(arguments: [1, 256, 65_536] as [UInt32]) func hostsSpreadOverThePools(step: UInt32) {
        let pools = (0..<6_400).map { HTTPClient.Pool(0x0A46_0000 &+ $0 &* step, of: 100) }
        let counts = Dictionary(grouping: pools, by: \.number).mapValues(\.count)
        #expect(counts.count == 100)
        #expect(counts.values.allSatisfy { (50...80).contains($0) }, "\(counts.values.sorted())")
        for count in [-1, 0, 1] { #expect(HTTPClient.Pool(.max, of: count) == .only) }
        #expect((0..<300).allSatisfy { HTTPClient.Pool(.max - $0, of: 256).number < 256 })
    }

    /// In a process of its own, since the limit is the whole process's.
    @Test func whatThisProcessLacksIsNoFaultOfTheServer() async throws {
        await #expect(processExitsWith: .success) {
            let server = try RawServer.answering { _, _ in answer() }
            let client = HTTPClient()
            _ = try await client.send(HTTPRequest(.get, server.url, timeout: .seconds(20)))
            // The lowest descriptor that is free: below it, all are taken.
            let free = dup(1)
            close(free)
            var limit = rlimit(rlim_cur: rlim_t(free), rlim_max: rlim_t(free))
            #expect(unsafe setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0)
            let request = HTTPRequest(.get, server.url, timeout: .seconds(20))
            let failure = await #expect(throws: HTTPFailure.self) {
                _ = try await client.send(request, from: .init(3, of: 3))
            }
            #expect(failure?.code == .internalFault)
            #expect(failure?.mayHaveBeenSent == false)
            #expect(failure?.detail.contains("ulimit -n") == true)
        }
    }
}
