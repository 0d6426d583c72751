/// A moment, in microseconds since 1970-01-01T00:00:00Z.
///
/// Microseconds because PostgreSQL keeps them: a compare-and-set has to give back the very value that was read.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package init(seconds: Int64) { self.microseconds = seconds.times(1_000_000) }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }
}

// Moments and spans stop at the ends of their range: what came from outside as a senseless number must end no process, and
// after a step that stopped there it is still the latest or the longest.
extension Timestamp {
    package static func + (moment: Timestamp, span: Span) -> Timestamp {
        Timestamp(microseconds: moment.microseconds.plus(span.microseconds))
    }
    package static func - (moment: Timestamp, span: Span) -> Timestamp {
        Timestamp(microseconds: moment.microseconds.minus(span.microseconds))
    }
    package static func - (later: Timestamp, earlier: Timestamp) -> Span {
        Span(microseconds: later.microseconds.minus(earlier.microseconds))
    }
}

/// A length of time in microseconds. (`Duration` carries 128-bit attoseconds, which nothing here needs.)
package struct Span: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package static func milliseconds(_ n: Int64) -> Span { Span(microseconds: n.times(1000)) }
    package static func seconds(_ n: Int64) -> Span { Span(microseconds: n.times(1_000_000)) }
    package static func minutes(_ n: Int64) -> Span { .seconds(n.times(60)) }

    package static func < (a: Span, b: Span) -> Bool { a.microseconds < b.microseconds }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, whole seconds: `2026-01-01T00:00:00Z`.
    package var description: String {
        let seconds = microseconds.floorDivided(by: 1_000_000)
        let days = seconds.floorDivided(by: 86_400)
        let inDay = seconds - days * 86_400
        let (year, month, day) = Timestamp.civil(fromDays: days)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(inDay / 3600, 2)):\(padded(inDay / 60 % 60, 2)):\(padded(inDay % 60, 2))Z"
    }

    /// Reads RFC 3339 as Cloudflare and PostgreSQL write it: any number of fractional digits, `Z` or a numeric offset.
    package init?(rfc3339 text: some StringProtocol) {
        let text = String(text).utf8
        self.init(rfc3339: text.span)
    }

    package init?(rfc3339 text: Swift.Span<UInt8>) {
        var at = 0
        func number(_ digits: Int) -> Int64? {
            guard text.count - at >= digits else { return nil }
            var value: Int64 = 0
            for place in at..<at + digits {
                guard (48...57).contains(text[place]) else { return nil }
                value = value * 10 + Int64(text[place] - 48)
            }
            at += digits
            return value
        }
        func skip(_ accepted: UInt8...) -> Bool {
            guard at < text.count, accepted.contains(text[at]) else { return false }
            at += 1
            return true
        }
        guard let year = number(4), skip(45), let month = number(2), skip(45), let day = number(2),
            skip(84, 116, 32), let hour = number(2), skip(58), let minute = number(2), skip(58),
            let second = number(2), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if skip(46) {
            var scale: Int64 = 100_000
            guard at < text.count, (48...57).contains(text[at]) else { return nil }
            while at < text.count, (48...57).contains(text[at]) {
                fraction += Int64(text[at] - 48) * scale
                scale /= 10
                at += 1
            }
        }
        var offset: Int64 = 0
        if !skip(90, 122) {
            let isWest = skip(45)
            guard isWest || skip(43), let hours = number(2) else { return nil }
            _ = skip(58)
            offset = (hours * 60 + (number(2) ?? 0)) * 60 * (isWest ? -1 : 1)
        }
        guard at == text.count else { return nil }
        let days = Timestamp.days(year: year, month: month, day: day)
        self.init(
            microseconds: (days * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction)
    }

    // Days and civil dates by the era arithmetic of the proleptic Gregorian calendar (400 years = 146,097 days).
    private static func civil(fromDays days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let m = (5 * dayOfYear + 2) / 153
        let month = m < 10 ? m + 3 : m - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = y.floorDivided(by: 400)
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// Arithmetic that stops at the ends of the range.
extension Int64 {
    func plus(_ other: Int64) -> Int64 {
        let (sum, isTooMuch) = addingReportingOverflow(other)
        return isTooMuch ? (other < 0 ? .min : .max) : sum
    }

    func minus(_ other: Int64) -> Int64 {
        let (difference, isTooMuch) = subtractingReportingOverflow(other)
        return isTooMuch ? (other < 0 ? .max : .min) : difference
    }

    /// - Parameter factor: positive.
    func times(_ factor: Int64) -> Int64 {
        let (product, isTooMuch) = multipliedReportingOverflow(by: factor)
        return isTooMuch ? (self < 0 ? .min : .max) : product
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

private func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Span: CustomStringConvertible {
    /// For a person: `850 ms`, `2 s`, `15 min`, `3 h`, `2 d`.
    package var description: String {
        let seconds = microseconds / 1_000_000
        switch abs(seconds) {
        case 0: return "\(microseconds / 1000) ms"
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) d"
        }
    }
}
