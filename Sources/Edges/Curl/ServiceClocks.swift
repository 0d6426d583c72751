package import Core

/// What services say of the time, by the `Date` header of their answers.
package final class ServiceClocks: Sendable {
    private let now: Now
    private let differences = Locked<[String: Span]>([:])

    /// - Parameter now: the time of this machine.
    package init(now: @escaping Now) { self.now = now }

    /// By scheme, host and port: how far a service's clock is from this machine's at least, positive when it is ahead. What the
    /// way of the answer and the header's whole seconds leave open counts for the service.
    package var skews: [String: Span] { differences.withLock { $0 } }

    func begin() -> Timestamp { now() }

    func note(_ answer: HTTPResponse, to url: String, asked: Timestamp) {
        guard let date = answer.headers["Date"].flatMap(DateHeader.read) else { return }
        let answered = now()
        var skew = Span.seconds(0)
        if date > answered { skew = date - answered }
        if date + .seconds(1) < asked { skew = date + .seconds(1) - asked }
        let origin = url.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        // Each is the least that it can be, so the largest says the most.
        differences.withLock { known in
            let other = known[origin].map { abs($0.microseconds) } ?? -1
            if abs(skew.microseconds) > other { known[origin] = skew }
        }
    }
}

/// The value of a `Date` header (RFC 9110, section 5.6.7), in the one form that is sent today.
package enum DateHeader {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Nil for anything but `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static func read(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].utf8.count == 4, parts[5] == "GMT", parts[1].utf8.count == 2,
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp(rfc3339: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
