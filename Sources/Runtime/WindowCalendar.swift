package import Core
import Foundation

extension RepairCalendar {
    /// Lays weekly windows out as spans of absolute time around `now`. A day that a time zone shifts is as long as it is there.
    package init(_ windows: [Window], around now: Timestamp) {
        var denied: [Range<Timestamp>] = []
        var allowed: [Range<Timestamp>] = []
        for window in windows {
            let spans = RepairCalendar.spans(of: window, around: now)
            if window.allowsRepairs { allowed += spans } else { denied += spans }
        }
        self.init(denied: denied, allowed: windows.contains { $0.allowsRepairs } ? allowed : nil)
    }

    private static func spans(of window: Window, around now: Timestamp) -> [Range<Timestamp>] {
        guard let zone = TimeZone(identifier: window.timezone) else { return [] }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let today = Date(timeIntervalSince1970: Double(now.microseconds) / 1_000_000)
        // A window of yesterday may still be open past midnight.
        return (-1...8).compactMap { offset -> Range<Timestamp>? in
            guard let day = calendar.date(byAdding: .day, value: offset, to: today) else { return nil }
            let start = calendar.startOfDay(for: day)
            guard window.days.contains(calendar.component(.weekday, from: start) - 1),
                let from = moment(window.from, after: start, calendar),
                let to = moment(window.to > window.from ? window.to : window.to + 1440, after: start, calendar),
                from < to
            else { return nil }
            return from..<to
        }
    }

    /// A wall-clock time of the day that begins at `start`; minutes past 1440 are of the day after.
    private static func moment(_ minutes: Int, after start: Date, _ calendar: Calendar) -> Timestamp? {
        guard let day = calendar.date(byAdding: .day, value: minutes / 1440, to: start) else { return nil }
        let minutes = minutes % 1440
        guard
            let date = calendar.date(
                bySettingHour: minutes / 60, minute: minutes % 60, second: 0, of: day, matchingPolicy: .nextTime)
        else { return nil }
        return Timestamp(microseconds: Int64(date.timeIntervalSince1970 * 1_000_000))
    }
}
