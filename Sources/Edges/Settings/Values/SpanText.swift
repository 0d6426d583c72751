import Core

extension Span {
    /// The length of time of a text with its unit: `500ms`, `8s`, `15m`, `2h`, `90d`.
    package init?(text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        // Ten digits of days still fit an Int64 of microseconds only below 106 million days.
        guard !digits.isEmpty, digits.utf8.count <= 9, let number = Int64(digits) else { return nil }
        let unit: Int64
        switch text.dropFirst(digits.count) {
        case "ms": unit = 1000
        case "s": unit = 1_000_000
        case "m": unit = 60_000_000
        case "h": unit = 3_600_000_000
        case "d": unit = 86_400_000_000
        default: return nil
        }
        let (microseconds, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        self.init(microseconds: microseconds)
    }

    /// The shortest text that reads back as this span, in whole units.
    package var text: String {
        for (unit, size) in [("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000)]
        where microseconds != 0 && microseconds % Int64(size) == 0 {
            return "\(microseconds / Int64(size))\(unit)"
        }
        return microseconds == 0 ? "0s" : "\(microseconds / 1000)ms"
    }
}

extension Field {
    /// A length of time with its unit, between `range`'s ends.
    func span(in range: ClosedRange<Span>) -> Span? {
        guard case .scalar(let text, _) = value.content, !value.isNull else {
            problem("needs a length of time such as 60s, and this is \(value.shape)")
            return nil
        }
        guard let span = Span(text: text) else {
            let isBare = !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
            problem(
                isBare
                    ? "`\(shown(text))` has no unit; write \(shown(text))s for seconds, or use ms, m, h, d"
                    : "`\(shown(text))` is not a length of time; write a whole number and ms, s, m, h or d, as in 60s")
            return nil
        }
        guard range.contains(span) else {
            problem(
                "\(shown(text)) is out of range: it must be from \(range.lowerBound.text) to \(range.upperBound.text)")
            return nil
        }
        return span
    }
}
