/// How many records a zone takes. No answer says it of a zone, so it is warned where one of the known numbers is near.
package enum CloudflareQuota {
    /// Of Free zones made since September 2024, of older ones, and of paid plans.
    private static let known = [200, 1000, 3500]

    /// The quota that so many records would soon use up; nil when none is near. What is above one is of a larger plan.
    package static func near(_ records: Int) -> Int? {
        known.first { records <= $0 && records * 10 >= $0 * 9 }
    }
}
