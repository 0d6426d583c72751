extension TellSimulation {
    /// A mistake that is planted, to see that it is found.
    package enum Bug: String, CaseIterable, Sendable {
        case forgetsClaims, silentRepeats, retriesLimitsAtOnce, settlesUnsent, tellsOnlyHowItStands
    }
}
