package import Core
import Curl

extension AgentObserver {
    /// How many are asked at once: nobody waits for this.
    private static let versionsAtOnce = 16

    /// What each agent calls its version. The question needs no token, and none is sent.
    ///
    /// - Parameter most: for all of them together; a single one may take its own timeout. Who could not be waited for to the end is not
    ///   asked, and is not in the answer.
    package func versions(
        _ targets: [AgentTarget], within most: Span = .seconds(10)
    ) async -> [(target: AgentTarget, version: Result<String, ReadFailure>)] {
        var found: [(target: AgentTarget, version: Result<String, ReadFailure>)] = []
        let deadline = ContinuousClock.now + .microseconds(most.microseconds)
        await withTaskGroup(of: (AgentTarget, Result<String, ReadFailure>).self) { group in
            for (count, target) in targets.enumerated() {
                if count >= Self.versionsAtOnce {
                    if let next = await group.next() { found.append(next) }
                    guard ContinuousClock.now + .microseconds(timeout.microseconds) <= deadline else { break }
                }
                group.addTask { (target, await version(of: target, among: targets.count)) }
            }
            for await next in group { found.append(next) }
        }
        return found.sorted { $0.target.key < $1.target.key }
    }

    private func version(of target: AgentTarget, among hosts: Int) async -> Result<String, ReadFailure> {
        func failed(_ code: Unknown) -> Result<String, ReadFailure> {
            .failure(ReadFailure(code, Words.unknown(code), at: Timestamp(microseconds: 0)))
        }
        guard let address = DNSName.ipv4(target.address) else { return failed(.addressUnknown) }
        guard mayAsk(target.address) else { return failed(.outsideNetworks) }
        let request = HTTPRequest(
            .get, "\(scheme)://\(target.address):\(port)/version", timeout: timeout, maxBody: 4 << 10)
        switch await send(request, address, hosts) {
        case .failure(let failure): return failed(failure.code)
        case .success(let response):
            guard response.status == 200 else { return failed(AgentDecoding.fault(status: response.status)) }
            return AgentDecoding.version(response.body).map { .success($0) } ?? failed(.malformed)
        }
    }
}
