package import Core

extension Estate {
    /// One Minecraft server beside the platform's own guests, right in every detail.
    package static func oneServer(at now: Timestamp = Timestamp(seconds: 1_767_225_600)) -> Estate {
        var draft = EstateDraft(seed: 1, nodes: ["pve1"], scope: .defaults, at: now)
        draft.addHouse()
        draft.addServer(5001, hostname: "mc-paper-5001", customer: "c-1", variant: "paper")
        draft.addQueues()
        return draft.estate
    }
}
