import Core
import Synchronization

/// The policies that were read last; nil before the first reload. A reload reaches a repair that runs.
final class PoliciesInForce: Sendable {
    private let policies = Mutex<PolicySet?>(nil)

    func withLock<Result: Sendable>(_ body: (inout PolicySet?) -> Result) -> Result {
        policies.withLock { policies in body(&policies) }
    }
}
