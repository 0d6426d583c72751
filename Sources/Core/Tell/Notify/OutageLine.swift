/// What cannot wait in the database, since that is what it is about: that it is gone, and that it is back.
package struct OutageNotice: Equatable, Sendable {
    /// Which outage of this process it is, from 1.
    package var number: Int
    package var isOver: Bool
    package var content: ChatMessage
    package var webhooks: Set<String>

    package init(number: Int, isOver: Bool, content: ChatMessage, webhooks: Set<String>) {
        (self.number, self.isOver, self.content, self.webhooks) = (number, isOver, content, webhooks)
    }
}

/// How far one webhook was told of an outage: posted once, and edited when it is over.
struct OutageLine: Sendable {
    /// The last outage that it was told of, or that was given up.
    private var last = 0
    /// Discord's id of what was posted; nil when nothing was, or when nobody knows.
    private var shown: String?

    /// - Returns: nil when there is nothing to say.
    func next(_ notice: OutageNotice) -> Sending? {
        let isNews = notice.number > last
        // Who was never told that it is gone is not told that it is back.
        guard notice.isOver ? !isNews && shown != nil : isNews else { return nil }
        return Sending(
            message: nil, edits: notice.isOver ? shown : nil, told: [], content: notice.content,
            isAlarm: !notice.isOver, mayRepeat: false, isPlain: true)
    }

    mutating func ended(_ sending: Sending, _ end: SendingEnd, of notice: OutageNotice) {
        if case .again(mayBeShown: false) = end { return }
        let isEdit = sending.edits != nil
        // An edit can be repeated without harm; of a posting that may be shown once is enough.
        if isEdit, case .again = end { return }
        last = max(last, notice.number)
        if case .shown(let id) = end, !isEdit { shown = id } else { shown = nil }
    }
}
