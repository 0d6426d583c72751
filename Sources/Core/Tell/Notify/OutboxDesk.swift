/// What one webhook is still to be told, as the database has it.
package struct OutboxDesk: Equatable, Sendable {
    /// One incident that this webhook is told of.
    package struct Row: Equatable, Sendable {
        package var incident: Incident
        /// What was told last: the incident's version and stage; 0 and nil before the first time.
        package var toldVersion: Int64
        package var toldStage: Stage?
        package var toldAt: Timestamp?
        /// How many drifts and how many repairs of it were told.
        package var toldDrifts: Int
        package var toldRepaired: Int
        /// What somebody was called for, with a sound, since it was over last.
        package var called: Set<Stage>
        /// The message that shows it.
        package var message: Int64?

        package init(
            incident: Incident, toldVersion: Int64 = 0, toldStage: Stage? = nil, toldAt: Timestamp? = nil,
            toldDrifts: Int = 0, toldRepaired: Int = 0, called: Set<Stage> = [], message: Int64? = nil
        ) {
            (self.incident, self.toldVersion, self.toldStage) = (incident, toldVersion, toldStage)
            (self.toldAt, self.toldDrifts, self.toldRepaired) = (toldAt, toldDrifts, toldRepaired)
            (self.called, self.message) = (called, message)
        }

        var isDue: Bool { incident.version > toldVersion }
        /// Whether something joined it, or was repaired, since it was told: news, though it stands as it did.
        var hasRisen: Bool { incident.drifts > toldDrifts || incident.repaired > toldRepaired }
        /// Whether so many are told as a number that their repairs go on for hours: that there are fewer is told with the end, or after a
        /// day. Where some of them are repaired and the others wait for a person's decision, that end may be far.
        func isHealing(at now: Timestamp) -> Bool {
            guard isDue, incident.isBurst, let toldAt, now - toldAt < OutboxLine.longestHealing else { return false }
            // Some were repaired, or an answer has just released them: whoever gave it knows.
            let isReleased = toldStage?.needsPerson == true && !incident.stage.needsPerson
            let goesOn = incident.repaired > toldRepaired || isReleased
            return goesOn && incident.drifts <= toldDrifts
                && incident.tallies.contains { $0.verdict == .repair && !$0.isWatched }
        }
        /// Whether what there is to say of it may be told with the end of others, for a day at most: it is told as a number, or is about the
        /// plan, nothing has joined it, and nobody is called who has not been already.
        func mayWait(at now: Timestamp) -> Bool {
            guard let toldAt, now - toldAt < OutboxLine.longestHealing, incident.drifts <= toldDrifts else {
                return false
            }
            if incident.stage.needsPerson { return called.contains(incident.stage) && isHealing(at: now) }
            return incident.isBurst || incident.topic.isOfPlan
        }
        /// Until when nothing is said of what comes and goes; nil where it does not. What stays does not flap: whom it needs is called
        /// once it has stood for some minutes, and at once for what does not pass within the hour.
        var restsUntil: Timestamp? {
            guard incident.isFlapping, let toldAt else { return nil }
            let end = toldAt + Incident.flappingPause
            guard incident.stage.needsPerson, !called.contains(incident.stage) else { return end }
            return incident.stage.lasts ? nil : min(end, incident.openedAt + Incident.standsAfter)
        }
    }

    package struct Message: Equatable, Sendable {
        package enum State: String, CaseIterable, Sendable {
            /// A request was begun, and its end has not been written down.
            case sending
            /// It is not shown, or that is not known.
            case unsent
            case sent
        }

        package var id: Int64
        package var state: State
        /// Discord's own id of it.
        package var discordID: String?
        /// When the request that is under way began, by the database's clock.
        package var claimedAt: Timestamp
        package var postedAt: Timestamp?
        /// Of what it shows; nil when that is not known.
        package var digest: String?
        package var mayRepeat: Bool
        /// It cannot be edited any more.
        package var isFrozen: Bool
        /// It was refused for what it said: only our own words from now on.
        package var isPlain: Bool

        package init(
            id: Int64, state: State, discordID: String? = nil, claimedAt: Timestamp, postedAt: Timestamp? = nil,
            digest: String? = nil, mayRepeat: Bool = false, isFrozen: Bool = false,
            isPlain: Bool = false
        ) {
            (self.id, self.state, self.discordID, self.claimedAt) = (id, state, discordID, claimedAt)
            (self.postedAt, self.digest) = (postedAt, digest)
            (self.mayRepeat, self.isFrozen, self.isPlain) = (mayRepeat, isFrozen, isPlain)
        }
    }

    /// The database's clock when this was read.
    package var readAt: Timestamp
    /// Those that are not told yet, and all others that share a message with one of them.
    package var rows: [Row]
    package var messages: [Int64: Message]

    package init(readAt: Timestamp, rows: [Row], messages: [Int64: Message]) {
        (self.readAt, self.rows, self.messages) = (readAt, rows, messages)
    }

    /// Drifts of one incident that a message names.
    package static let mostExamples = 8

    package var pending: Int { rows.count(where: \.isDue) }
}

/// How one incident was told.
package struct Told: Equatable, Sendable {
    package var incident: String
    package var version: Int64
    package var stage: Stage
    package var drifts: Int
    package var repaired: Int
    /// What somebody has been called for by now.
    package var called: Set<Stage>

    /// - Parameter called: what somebody was called for; what is over calls anew when it comes back.
    package init(_ incident: Incident, called: Set<Stage>) {
        (self.incident, version, stage) = (incident.id, incident.version, incident.stage)
        (drifts, repaired) = (incident.drifts, incident.repaired)
        self.called = incident.stage.isOver ? [] : called
    }
}

/// One request to the webhook, decided on.
package struct Sending: Equatable, Sendable {
    /// The row of the message; nil for one that begins.
    package var message: Int64?
    /// Discord's id of the message to edit; nil to post.
    package var edits: String?
    package var told: [Told]
    package var content: ChatMessage
    package var mayRepeat: Bool
    package var isPlain: Bool
    /// Of what an edited message shows until then; nil when that is not known.
    package var shows: String?
}

/// What is to be written down about a request that has ended.
package enum SendingEnd: Equatable, Sendable {
    case shown(discordID: String)
    /// It is to be sent again; `mayBeShown` when the answer was lost.
    case again(mayBeShown: Bool)
    /// Once more, in our own words only.
    case againPlain
    /// It is given up: what it would have told counts as told.
    case dropped
    /// The message is not there any more: another one is posted.
    case gone
    /// It stays as it is; what is new goes into another message.
    case frozen
}
