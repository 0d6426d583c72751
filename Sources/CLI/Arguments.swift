import ArgumentParser
import Core
import Settings

/// Reads what is written on the command line. What makes no sense is a usage error: exit status 64.
enum Arguments {
    @Sendable static func vmid(_ text: String) throws -> VMID {
        guard let vmid = VMID(text) else {
            throw ValidationError("a VMID is a number from \(VMID.range.lowerBound) to \(VMID.range.upperBound)")
        }
        return vmid
    }

    @Sendable static func kind(_ text: String) throws -> KindPattern {
        do throws(UnknownKind) {
            return try KindPattern(checking: text)
        } catch {
            throw ValidationError(error.description)
        }
    }

    @Sendable static func level(_ text: String) throws -> Level {
        guard let level = Int(text).flatMap(Level.init) else { throw ValidationError("a level is 0, 1, 2 or 3") }
        return level
    }

    /// 16 hexadecimal digits, as the report shows them.
    @Sendable static func driftID(_ text: String) throws -> String {
        let id = text.lowercased()
        guard id.utf8.count == 16, id.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            throw ValidationError("the id of a drift is 16 hexadecimal digits, as the report shows it")
        }
        return id
    }

    /// How long a drift is accepted.
    @Sendable static func acceptedFor(_ text: String) throws -> Span {
        guard let span = Span(text: text) else {
            throw ValidationError("a length of time is a whole number and m, h or d, as in 30d")
        }
        guard span >= .minutes(1), span <= .minutes(366 * 1440) else {
            throw ValidationError("a drift is accepted for a minute (1m) at least and for a year (366d) at most")
        }
        return span
    }

    /// `sha256:` and 64 hexadecimal digits, as the report shows it; the digits alone will do.
    @Sendable static func planHash(_ text: String) throws -> String {
        let lower = text.lowercased()
        let digits = lower.hasPrefix("sha256:") ? lower.dropFirst(7) : lower[...]
        guard digits.utf8.count == 64, digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { throw ValidationError("a plan's hash is sha256: and 64 hexadecimal digits, as the report shows it") }
        return "sha256:" + digits
    }

    /// How long an answer to a plan stands.
    @Sendable static func answeredFor(_ text: String) throws -> Span {
        guard let span = Span(text: text), span >= .minutes(1), span <= .minutes(1440) else {
            throw ValidationError("a plan is answered for a minute (1m) at least and for a day (1d) at most, as in 1h")
        }
        return span
    }

    /// How long repairs are paused, or how far back events are shown.
    @Sendable static func span(_ text: String) throws -> Span {
        guard let span = Span(text: text), span >= .seconds(1), span <= .minutes(366 * 1440) else {
            throw ValidationError("a length of time is a whole number and s, m, h or d, as in 2h, and a year at most")
        }
        return span
    }

    /// Why: one line of at most 500 characters, of which nothing can move a cursor or turn the writing.
    @Sendable static func reason(_ text: String) throws -> String {
        let scalars = text.unicodeScalars.drop { $0.properties.isWhitespace }
        let reason = String(scalars.reversed().drop { $0.properties.isWhitespace }.reversed().map(Character.init))
        guard !reason.isEmpty else { throw ValidationError("a reason says why, in a few words") }
        guard reason.unicodeScalars.count <= 500 else {
            throw ValidationError("a reason has at most 500 characters, and this has \(reason.unicodeScalars.count)")
        }
        return Foreign.text(reason, limit: 500)
    }
}
