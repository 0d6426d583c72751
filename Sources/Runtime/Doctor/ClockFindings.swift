import Core
import Curl

extension Doctor {
    /// What the services' answers said of the time: proxies, caches and whole seconds leave open what counts for them.
    func clockFindings() -> [Finding] {
        installation.clocks.sorted { $0.key < $1.key }.flatMap { plane, clocks in
            let skews = clocks.skews
            let wrong = skews.filter { abs($0.value.microseconds) > Doctor.mostSkew.microseconds }
                .sorted { ($1.value.size, $0.key) < ($0.value.size, $1.key) }
            guard let most = wrong.first else {
                return skews.isEmpty
                    ? []
                    : [Finding(plane, .ok, "\(Doctor.whose(skews.count)) this machine's, by the Date of its answers")]
            }
            return [
                Finding(
                    plane, .warn,
                    "\(wrong.count) of \(Words.count(skews.count, "clock")) differ from this machine's, most of all that of "
                        + "\(most.key): \(most.value)",
                    why:
                        "what happened first cannot be told from their times, and certificates and tokens end too early or too late",
                    remedy: "run a time service there and here; if every plane differs, it is this machine's clock")
            ]
        }
    }

    /// How far another clock is from this one at least, when it was read between two moments.
    static func skew(of clock: Timestamp, asked: Timestamp, answered: Timestamp) -> Span {
        if clock > answered { return clock - answered }
        return clock < asked ? clock - asked : .seconds(0)
    }

    private static func whose(_ count: Int) -> String {
        count == 1 ? "its clock agrees with" : "\(count) clocks agree with"
    }
}

extension Span {
    fileprivate var size: Int64 { abs(microseconds) }
}
