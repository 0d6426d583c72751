package import Core
package import Curl

/// Asks every agent for its status, many at once.
///
/// The token goes to addresses inside `agents.networks` and nowhere else; an address outside is not even connected to.
package struct AgentObserver: Sendable {
    package typealias Send =
        @Sendable (_ request: HTTPRequest, _ address: UInt32, _ hosts: Int) async -> Result<
            HTTPResponse, HTTPFailure
        >

    /// What a living agent needs at most; the slower ones are asked again with the whole timeout, out of the others' way.
    static let fastTimeout = Span.milliseconds(200)
    /// Bytes. A status is a few kilobytes, the log tail of a crash included.
    private static let maxBody = 64 << 10

    let scheme: String
    let port: Int
    private let token: Secret<String>
    let mayAsk: @Sendable (String) -> Bool
    let timeout: Span
    private let budget: Span
    private let concurrency: Int
    let send: Send
    private let now: Now
    private let executor: (any TaskExecutor)?
    private let pause: @Sendable (Duration) async -> Void

    /// - Parameters:
    ///   - mayAsk: whether an address lies in `agents.networks`.
    ///   - timeout: for one agent.
    ///   - budget: for one whole reading that does not take its time; who has not had its turn by then is not read. Never less than one slow agent needs.
    ///   - concurrency: how many are asked at once, and as many again of those that are slow.
    package init(
        scheme: String, port: Int, token: Secret<String>, mayAsk: @escaping @Sendable (String) -> Bool, timeout: Span,
        budget: Span = .seconds(15), concurrency: Int, clients: AgentClients, now: @escaping Now
    ) {
        self.init(
            scheme: scheme, port: port, token: token, mayAsk: mayAsk, timeout: timeout,
            budget: max(budget, Span(microseconds: timeout.microseconds + 1_000_000)), concurrency: concurrency,
            send: { request, address, hosts in
                do throws(HTTPFailure) {
                    return .success(try await clients.send(request, to: address, among: hosts))
                } catch {
                    return .failure(error)
                }
            }, executor: clients.executor, now: now)
    }

    /// - Parameter executor: where the polls are, so that an answer leads to the next request without waking another thread.
    package init(
        scheme: String, port: Int, token: Secret<String>, mayAsk: @escaping @Sendable (String) -> Bool, timeout: Span,
        budget: Span, concurrency: Int, send: @escaping Send, executor: (any TaskExecutor)? = nil,
        pause: @escaping @Sendable (Duration) async -> Void = { await AgentObserver.sleep($0) }, now: @escaping Now
    ) {
        self.pause = pause
        self.executor = executor
        self.scheme = scheme
        self.port = port
        self.token = token
        self.mayAsk = mayAsk
        self.timeout = timeout
        self.budget = budget
        self.concurrency = concurrency
        self.send = send
        self.now = now
    }

    /// One poll of each target. Fails as a whole only when the token cannot be sent at all.
    ///
    /// - Parameter over: how long it takes its time, as far as there is so much: the polls begin evenly over it, in the order of the
    ///   targets.
    package func read(_ targets: [AgentTarget], over: Span = .seconds(0)) async -> Result<AgentReading, ReadFailure> {
        let startedAt = now()
        let text = token.reveal()
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            return .failure(
                ReadFailure(
                    .configuration, "agents.token is empty or holds a character that no token has", at: startedAt))
        }
        var answers: [AgentReading.Answer] = targets.map { _ in .failed(.notRead) }
        var asked: [(index: Int, address: UInt32)] = []
        for (index, target) in targets.enumerated() {
            // The dotted form is also what is written into the URL: nothing but an address can come out of it.
            guard let address = DNSName.ipv4(target.address) else {
                answers[index] = .failed(.addressUnknown)
                continue
            }
            guard mayAsk(target.address) else {
                answers[index] = .failed(.outsideNetworks)
                continue
            }
            asked.append((index, address))
        }
        for (index, answer) in await poll(asked.map { (targets[$0.index].address, $0.address) }, over).enumerated() {
            answers[asked[index].index] = answer
        }
        return .success(
            AgentReading(
                polls: zip(targets, answers).map { AgentReading.Poll(target: $0, answer: $1) }, startedAt: startedAt))
    }

    // MARK: Lanes

    private func poll(
        _ hosts: [(text: String, number: UInt32)], _ over: Span
    ) async -> [AgentReading.Answer] {
        let round = PollRound(
            hosts: hosts, bearer: Secret("Bearer " + token.reveal()), fast: min(timeout, Self.fastTimeout),
            slow: timeout, time: ReadingTime(over: over, budget: budget, timeout: timeout), limit: concurrency)
        return await withTaskExecutorPreference(executor) {
            await withTaskGroup(of: Void.self) { group in
                while true {
                    while let start = round.next() {
                        group.addTask { await ask(from: start, round) }
                    }
                    // One is woken for a place in the slow lane: all else goes on by itself.
                    guard await group.next() != nil else { break }
                }
                return round.answers
            }
        }
    }

    /// Asks the one host, then others in its place, one after the other, until nobody is left or somebody was late.
    private func ask(from first: PollLanes.Start, _ round: PollRound) async {
        var next: PollLanes.Start? = first
        while let start = next {
            let wait = round.begun + round.turn(of: start) - ContinuousClock.now
            if wait > .zero { await pause(wait) }
            next = round.ended(start, await ask(start, round))
        }
    }

    private static func sleep(_ span: Duration) async {
        do {
            try await Task.sleep(for: span)
        } catch {
            // Cancelled: its poll ends at once by itself.
        }
    }

    private func ask(_ start: PollLanes.Start, _ round: PollRound) async -> AgentReading.Answer {
        let host = round.hosts[start.index]
        let request = HTTPRequest(
            .get, "\(scheme)://\(host.text):\(port)/status", headers: [.init("Authorization", round.bearer)],
            timeout: round.timeout(in: start.lane), maxBody: Self.maxBody)
        switch await send(request, host.number, round.hosts.count) {
        case .failure(let failure): return .failed(failure.code)
        case .success(let response):
            guard response.status == 200 else { return .failed(AgentDecoding.fault(status: response.status)) }
            return AgentDecoding.status(response.body).map(AgentReading.Answer.status) ?? .failed(.malformed)
        }
    }
}
