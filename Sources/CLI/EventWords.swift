import Core
import Postgres

/// One event in one line.
enum EventWords {
    static func line(_ event: RepairEvent) -> String {
        let parts = [
            "\(event.at)", padded(event.outcome ?? "-", 12), padded(event.vmid?.description ?? "-", 6),
            padded(Foreign.text(event.hostname ?? "-", limit: 63), 18), what(event),
        ]
        return parts.joined(separator: "  ")
    }

    /// All of them, oldest first.
    static func sheet(_ events: [RepairEvent], over span: Span, isCut: Bool) -> FactSheet {
        let entries = events.map { event in
            let whose = [event.vmid?.description, event.hostname].compactMap { $0 }.joined(separator: " ")
            return FactSheet.Entry(
                "\(event.at)", "\(event.outcome ?? "-")  \(whose.isEmpty ? "" : whose + ": ")\(what(event))")
        }
        let section = FactSheet.Section(
            "EVENTS (\(events.count))", "what changed and what was done, oldest first", [FactSheet.Block(entries)])
        return FactSheet(
            title: events.isEmpty
                ? "nothing has changed in the last \(span)"
                : "\(Words.count(events.count, "event")) in the last \(span)",
            sections: events.isEmpty ? [] : [section], closing: isCut ? [cut(events)] : [])
    }

    /// What it is about, beside time and server.
    private static func what(_ event: RepairEvent) -> String {
        var what = event.kind.map { Foreign.text($0, limit: 64) } ?? "-"
        if let step = event.step {
            what += ", \(Foreign.text(step, limit: 64))"
            if let attempt = event.attempt { what += ", attempt \(attempt)" }
        } else if let verdict = event.verdict, let reason = event.reason {
            what += ", \(Foreign.text(verdict, limit: 32)): \(Foreign.text(reason, limit: 32))"
        }
        if let detail = event.detail { what += ": \(Foreign.text(detail))" }
        return what
    }

    /// That older ones are left out, and what to do about it.
    static func cut(_ events: [RepairEvent]) -> String {
        let from = events.first.map { ", from \($0.at) on" } ?? ""
        return
            "only the newest \(events.count) events are shown\(from): there are older ones in that time; narrow it down with "
            + "--since or --vmid, or ask controller.repair_event itself"
    }

    /// All of them, as one array.
    static func json(_ events: [RepairEvent]) -> [UInt8] {
        var writer = JSONWriter()
        writer.array { array in
            for event in events { array.element { $0.object { object in fields(event, &object) } } }
        }
        return writer.bytes + [10]
    }

    private static func fields(_ event: RepairEvent, _ object: inout JSONWriter) {
        object.key("id", Int(event.id))
        object.key("at", event.at.description)
        object.key("epoch", event.epoch.map { Int($0) })
        object.key("cycle", event.cycle.map { Int($0) })
        object.key("vmid", event.vmid.map { Int($0.number) })
        object.key("external_id", event.externalID)
        object.key("hostname", event.hostname)
        object.key("drift_id", event.driftID)
        object.key("intent_id", event.intentID)
        object.key("drift_kind", event.kind)
        object.key("level", event.level)
        object.key("action", event.action)
        object.key("verdict", event.verdict)
        object.key("reason", event.reason)
        object.key("attempt", event.attempt)
        object.key("step", event.step)
        object.key("outcome", event.outcome)
        object.key("detail", event.detail)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
