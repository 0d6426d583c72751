import Core
import Foundation

extension Brakes {
    /// - Parameter isFirst: told each section that is given, with its place; false when another file has given it.
    mutating func read(_ map: MapReader, isFirst: (_ section: String, MapReader) -> Bool) {
        func section(_ name: String) -> MapReader? {
            guard let field = map.field(name), isFirst(name, map) else { return nil }
            return field.map()
        }
        if let mass = section("mass_change") {
            massChangeFloor = mass.field("floor")?.integer("a number of drifts", in: 0...1_000_000) ?? massChangeFloor
            massChangePercent = mass.field("percent")?.integer("a percentage", in: 0...100) ?? massChangePercent
            mass.finish()
        }
        if let budget = section("budget") {
            budgetPerMinute =
                budget.field("per_minute")?.integer("a number of repairs", in: 1...100_000) ?? budgetPerMinute
            budget.finish()
        }
        if let evidence = section("evidence") {
            evidenceMaxAge = evidence.field("max_age")?.span(in: .seconds(1) ... .minutes(60)) ?? evidenceMaxAge
            evidence.finish()
        }
        if let contested = section("contested") {
            contestedReverts =
                contested.field("reverts")?.integer("a number of reverts", in: 1...1000) ?? contestedReverts
            contestedWithin =
                contested.field("within")?.span(in: .minutes(1) ... .minutes(7 * 24 * 60)) ?? contestedWithin
            contested.finish()
        }
        if let restart = section("proxy_restart") {
            proxySettle = restart.field("settle")?.span(in: .seconds(0) ... .minutes(60)) ?? proxySettle
            restart.finish()
        }
        map.finish()
    }
}

extension Window {
    private enum Day: String, CaseIterable {
        case sun, mon, tue, wed, thu, fri, sat
    }

    private enum Repairs: String, CaseIterable {
        case allow, deny
    }

    init?(_ field: Field) {
        guard let map = field.map(of: "a window: { days, from, to, timezone, repairs }") else { return nil }
        let days = map.required("days", "e.g. [mon, tue]")?.list(of: "days, mon to sun", orEmpty: false) { field in
            field.choice("a day", of: Day.self).flatMap { Day.allCases.firstIndex(of: $0) }
        }
        let from = map.required("from", "when it begins, e.g. \"22:00\"")?.timeOfDay(orMidnightAtEnd: false)
        let to = map.required("to", "when it ends, e.g. \"06:00\"")?.timeOfDay(orMidnightAtEnd: true)
        let timezone = map.required("timezone", "e.g. Europe/Berlin or UTC")?.timezone()
        let repairs = map.required("repairs", "allow or deny")?.choice("a choice", of: Repairs.self)
        map.finish()
        guard let days, let from, let to, let timezone, let repairs else { return nil }
        self.init(days: Set(days), from: from, to: to, timezone: timezone, allowsRepairs: repairs == .allow)
    }
}

extension Core.Notification {
    /// - Parameter webhooks: the names there are; nil when that is not known here.
    init?(_ field: Field, webhooks: Set<String>?) {
        guard let map = field.map(of: "a notification: { kinds, min_level, webhook }") else { return nil }
        let kinds = map.required("kinds", "which kinds, e.g. [\"*\"]")?.kindPatterns()
        let level = (map.field("min_level")?.integer("a level", in: 0...3) ?? 0)
        let target = map.required("webhook", "a name from discord.webhooks")
        let webhook = target?.word("a webhook's name")
        map.finish()
        if let webhook, let webhooks, !webhooks.contains(webhook) {
            target?.problem(
                "the configuration has no webhook `\(webhook)` in discord.webhooks"
                    + Nearest.hint(webhook, among: webhooks.sorted(), else: "there are"))
            return nil
        }
        guard let kinds, let level = Level(rawValue: level), let webhook else { return nil }
        self.init(kinds: kinds, minLevel: level, webhook: webhook)
    }
}

extension Field {
    /// Minutes after midnight of `HH:MM`. Read from the text: to YAML 1.1 an unquoted 22:00 is the number 1320.
    fileprivate func timeOfDay(orMidnightAtEnd: Bool) -> Int? {
        guard case .scalar(let text, _) = value.content, !value.isNull else {
            problem("needs a time of day such as \"22:00\", and this is \(value.shape)")
            return nil
        }
        let pieces = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = pieces.compactMap { piece in
            piece.utf8.count == 2 && piece.utf8.allSatisfy { (48...57).contains($0) } ? Int(piece) : nil
        }
        if pieces.count == 2, numbers.count == 2 {
            if numbers[0] < 24, numbers[1] < 60 { return numbers[0] * 60 + numbers[1] }
            // The end of a day is the beginning of the next: a window that ends at 0 runs up to midnight.
            if orMidnightAtEnd, numbers == [24, 0] { return 0 }
        }
        problem("`\(shown(text))` is not a time of day; write it as \"22:00\", from 00:00 to 23:59")
        return nil
    }

    fileprivate func timezone() -> String? {
        guard let text = text("a time zone such as Europe/Berlin") else { return nil }
        let known = TimeZone.knownTimeZoneIdentifiers
        if text == "UTC" || known.contains(text) { return text }
        // Foundation knows aliases that its list lacks; an offset such as GMT+2 knows no summer time.
        if text.contains("/"), TimeZone(identifier: text) != nil { return text }
        let near = Nearest.name(to: text, among: known).map { "did you mean `\($0)`?" }
        problem("`\(shown(text))` is not a known time zone; \(near ?? "write it as Europe/Berlin or UTC")")
        return nil
    }
}
