/// Which messages may be shown twice: those of which nobody knew for a while whether they are shown, and they say so.
struct TellRepeats: Sendable {
    private var unsure: Set<Int64> = []
    private var posts: [Int64: Int] = [:]

    /// Nobody knows whether it is shown.
    mutating func doubt(_ message: Int64) { unsure.insert(message) }

    /// - Parameter saysSo: whether it calls itself a repeat.
    /// - Returns: whether it is shown for a second time, and what is wrong with that.
    mutating func posted(_ message: Int64, saysSo: Bool) -> (isRepeat: Bool, fault: String?) {
        posts[message, default: 0] += 1
        let isUnsure = unsure.contains(message)
        guard posts[message, default: 0] > 1 else {
            return (false, saysSo && !isUnsure ? "message \(message) calls itself a repeat without need" : nil)
        }
        if !saysSo { return (true, "message \(message) is shown twice without saying so") }
        return (true, isUnsure ? nil : "message \(message) is shown twice and no answer was lost")
    }
}
