/// When so much differs at once that the reading is doubted rather than the estate.
package enum Bulk {
    /// More than max(5, 20 %).
    package static func isTooMuch(_ count: Int, of total: Int) -> Bool {
        exceeds(count, of: total, floor: 5, percent: 20)
    }

    /// Whether `count` is over max(`floor`, `percent` of `total`).
    package static func exceeds(_ count: Int, of total: Int, floor: Int, percent: Int) -> Bool {
        count > floor && count * 100 > percent * total
    }
}
