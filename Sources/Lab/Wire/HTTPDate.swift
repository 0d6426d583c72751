import Core

/// The value of a `Date` header (RFC 9110, section 5.6.7).
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(_ moment: Timestamp) -> String {
        // 1970-01-01T00:00:00Z was a Thursday.
        let text = moment.description
        let date = text.prefix(10).split(separator: "-")
        let day = days[Int(moment.microseconds / 86_400_000_000 % 7)]
        let month = Int(date[1]).map { months[$0 - 1] } ?? ""
        return "\(day), \(date[2]) \(month) \(date[0]) \(text.dropFirst(11).prefix(8)) GMT"
    }
}
