import Core

extension TellSimulation {
    /// A mistake that is planted, to see that it is found.
    package enum Bug: String, CaseIterable, Sendable {
        case forgetsClaims, silentRepeats, retriesLimitsAtOnce, settlesUnsent, tellsOnlyHowItStands
        case takesAnyRefusalForOne
    }
}

extension Sending {
    /// As if nobody had to be told that it is a repeat.
    var quiet: Sending {
        var sending = self
        sending.mayRepeat = false
        let lines = content.description.split(separator: "\n").map(String.init).filter { $0 != Words.repeated }
        sending.content = ChatMessage(
            title: content.title, lines: lines, footer: content.footer, colour: content.colour)
        return sending
    }
}
