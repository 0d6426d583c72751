/// What cannot wait in the database, since that is what it is about: that it is gone, and that it is back.
package struct OutageNotice: Equatable, Sendable {
    /// Which outage of this process it is, from 1.
    package var number: Int
    package var isOver: Bool
    package var content: ChatMessage
    /// The same without a word of anybody else, for a webhook that has refused it.
    package var plain: ChatMessage
    package var webhooks: Set<String>

    package init(number: Int, isOver: Bool, content: ChatMessage, plain: ChatMessage, webhooks: Set<String>) {
        (self.number, self.isOver, self.content, self.plain) = (number, isOver, content, plain)
        self.webhooks = webhooks
    }
}

/// How far one webhook was told of an outage: posted once, and edited when it is over.
struct OutageLine: Sendable {
    /// The last outage that it was told of, or that was given up.
    private var last = 0
    /// Whether it has refused one for what it says.
    private var isPlain = false
    private enum Shown {
        case nothing
        /// Under Discord's id of it.
        case message(String)
        /// It may be there, and cannot be edited.
        case perhaps
    }

    private var shown = Shown.nothing

    /// - Returns: nil when there is nothing to say.
    func next(_ notice: OutageNotice) -> Sending? {
        let isNews = notice.number > last
        // Who was never told that it is gone is not told that it is back.
        var edits: String?
        switch shown {
        case _ where !notice.isOver: guard isNews else { return nil }
        case .nothing: return nil
        case .message(let id): edits = id
        case .perhaps: break
        }
        return Sending(
            message: nil, edits: edits, told: [], content: isPlain ? notice.plain : notice.content, mayRepeat: false,
            isPlain: isPlain)
    }

    mutating func ended(_ sending: Sending, _ end: SendingEnd, of notice: OutageNotice) {
        if case .again(mayBeShown: false) = end { return }
        if case .againPlain = end { return isPlain = true }
        let isEdit = sending.edits != nil
        // An edit can be repeated without harm; of a posting that may be shown once is enough.
        if isEdit, case .again = end { return }
        last = max(last, notice.number)
        switch end {
        case .shown(let id) where !notice.isOver: shown = .message(id)
        case .again where !notice.isOver: shown = .perhaps
        // The message that said so is too old, or not there: another one says that it is over.
        case .frozen where isEdit, .gone where isEdit: shown = .perhaps
        default: shown = .nothing
        }
    }
}
