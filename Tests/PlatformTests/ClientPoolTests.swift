import CCurl
import Core
import Glibc
import Testing

@testable import Curl

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

    @Test func whatThisProcessLacksIsNoFaultOfTheServer() {
        func fault(_ code: CURLcode, _ shortage: Int32, isConnected: Bool = false) -> TransferFault {
            TransferFault(
                code: code, osError: 0, shortage: shortage, isOversize: false, isConnected: isConnected, text: "")
        }
        for code in [CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT] {
            #expect(fault(code, EMFILE).unknown == .internalFault)
            #expect(fault(code, EMFILE).detail.contains("ulimit -n"))
            #expect(fault(code, ENOBUFS).unknown == .internalFault)
            #expect(fault(code, ENOBUFS).detail.hasPrefix("this machine has no socket left: "))
        }
        #expect(fault(CURLE_COULDNT_CONNECT, 0).unknown == .unreachable)
        #expect(fault(CURLE_OPERATION_TIMEDOUT, EMFILE, isConnected: true).unknown == .timeout)
    }
}
