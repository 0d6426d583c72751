package import Core
import FoundationEssentials

package enum LabClock {
    /// The time of the machine.
    package static let now: Now = {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
