/// What time it is for a daemon or an audit: the database's, which stamps every row, attempt and approval that a moment is held
/// against, and not that of the machine it runs on, which may be set at any time.
///
/// From one sample of the database's clock to the next time goes on by whichever clock of the machine went further: the one that
/// nobody sets stands still with a virtual machine that is paused, the one that is set may be set back. So nothing ever looks
/// younger than it is.
package struct SteadyTime: Equatable, Sendable {
    /// Both clocks of the machine at one moment.
    package struct Reading: Equatable, Sendable {
        /// Of the clock that nobody sets.
        package var steady: Moment
        package var wall: Timestamp

        package init(steady: Moment, wall: Timestamp) {
            self.steady = steady
            self.wall = wall
        }
    }

    /// The most that a round may lie apart from the database, by which it could call late what is not.
    package static let mostApart = Span.seconds(5)

    /// Whether a step is more than what two clocks differ by anyway.
    package static func isFar(_ step: Span) -> Bool { step > mostApart || step.microseconds < -mostApart.microseconds }

    private var last: Reading
    private var time: Timestamp
    /// What the clock that is set has added since a round began last.
    private var gained = Span.seconds(0)

    /// Until the database has been asked it is what the machine says.
    package init(_ reading: Reading) {
        last = reading
        time = reading.wall
    }

    package mutating func now(_ reading: Reading) -> Timestamp {
        let steady = max(reading.steady - last.steady, .seconds(0))
        let gone = max(steady, reading.wall - last.wall)
        gained.microseconds += gone.microseconds - steady.microseconds
        last = reading
        time = time + gone
        return time
    }

    /// Whether a clock was set forward since a round began last, or the machine stood still and does not know for how long: what was
    /// seen before that and what was seen after it are not of one time.
    package var isTorn: Bool { SteadyTime.isFar(gained) }

    /// Takes over what the database said. Only between two rounds: within one, and in the repairs that follow from it, all moments are
    /// of one clock.
    ///
    /// - Parameter sample: nil where it said nothing: then time goes on as it did.
    /// - Returns: how far it was from that, or what a clock that was set has made of it since it was asked last.
    package mutating func begin(with sample: Timestamp?, at reading: Reading) -> Span {
        let moment = now(reading)
        defer { gained = .seconds(0) }
        guard let sample else { return gained }
        time = sample
        return sample - moment
    }
}
