extension SinkAnswer {
    /// What a refusal of Discord's means, by its status and its own code: a 4xx that is no 429 (wire sheet, sections 1 and 5).
    ///
    /// A message is only ever given up for what it says, and only Discord's own code says that it was for that. A page of the
    /// network in between has none, and neither has a channel that takes no message of ours at all.
    ///
    /// - Parameters:
    ///   - code: nil where the body is none of Discord's.
    ///   - why: for a person.
    package static func refusal(_ status: Int, code: Int?, why: String) -> SinkAnswer {
        switch (status, code) {
        // AutoMod and link filters say so with a 4xx of their own; the webhook is well.
        case (_, 200_000?), (_, 200_001?), (_, 240_000?), (_, 20009?):
            .rejected("refused by a filter of the server (\(why))")
        // An archived thread opens again with the next message, a locked one when somebody unlocks it.
        case (_, 50083?), (_, 160_005?): .threadClosed("the thread is archived or locked (\(why))")
        // A webhook can be moved to another channel, and keeps its address.
        case (_, (220_001...220_004)?): .notSent("the webhook's channel takes no such messages (\(why))")
        // The webhook is there, the message is not.
        case (404, 10008?): .messageGone
        case (404, 10015?), (404, 10003?): .gone("there is no such webhook or channel (\(why))")
        // Somebody else's page in between, which may be gone in a minute: asked again as seldom as what refuses everything.
        case (401, nil), (403, nil), (404, nil): .notSent("refused by somebody in between (\(why))")
        case (404, _): .dead("there is no such webhook or channel (\(why))")
        case (401, _), (403, _): .dead("the webhook may not be used (\(why))")
        // Whoever gave up waiting may have passed it on.
        case (408, _): .unsure("given up by somebody in between (\(why))")
        case (_, 50035?), (_, 50006?), (_, 50109?), (_, 40005?): .rejected("refused (\(why))")
        default: .notSent("refused, and not for what it says (\(why))")
        }
    }
}
