/// A moment in microseconds since the machine started, on the clock that also runs while it is suspended.
///
/// A type of its own, so that no step of the wall clock can make a lease longer: leases and deadlines are counted in these.
package struct Moment: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package static func < (a: Moment, b: Moment) -> Bool { a.microseconds < b.microseconds }
    package static func + (moment: Moment, span: Span) -> Moment {
        Moment(microseconds: moment.microseconds.plus(span.microseconds))
    }
    package static func - (later: Moment, earlier: Moment) -> Span {
        Span(microseconds: later.microseconds.minus(earlier.microseconds))
    }
}
