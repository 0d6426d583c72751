/// The wording of messages, of what is repaired and of what a person has to do. The kinds, verdicts and reasons have theirs
/// beside it.
extension Words {
    /// What an action does, done.
    package static func done(_ action: Action) -> String {
        switch action {
        case .clearStaleOperationLock: "marked the dead operation stale"
        case .failStuckOperation: "marked the stuck operation failed"
        case .edgeRepublish: "made what is published of the server right again"
        }
    }

    /// How an incident stands, as the first word of what is told.
    package static func headline(_ stage: Stage) -> String {
        switch stage {
        case .report: "For your information"
        case .repairing: "Drift"
        case .waiting: "Held"
        case .needsYou: "Needs you"
        case .braked: "Brake"
        case .contested: "Contested"
        case .quarantined: "Quarantined"
        case .blind: "Blind"
        case .sinkFailing: "Messages fail"
        case .leader: "Leader"
        case .repaired: "Repaired"
        case .over: "Over"
        }
    }

    /// What the stage means for the reader. One sentence, without a full stop.
    package static func stage(_ stage: Stage, isDryRun: Bool) -> String {
        switch stage {
        case .report: verdict(.report)
        case .repairing:
            isDryRun ? "a dry-run: the controller would repair this, and does nothing" : verdict(.repair)
        case .waiting: verdict(.held)
        case .needsYou: verdict(.manual)
        case .braked: "\(reason(.massChange)). Nothing of it is repaired until somebody answers"
        case .contested: "\(reason(.contested)): the controller has stopped, so as not to fight"
        case .quarantined: "\(reason(.quarantined)): it is left alone until it ends or somebody mends it"
        case .blind: "this cannot be read, so nothing is decided about it"
        case .sinkFailing: "messages for this webhook wait in the database"
        case .leader: "this controller has taken over"
        case .repaired: "the controller repaired it, and a fresh read saw it"
        case .over: "it is not seen any more"
        }
    }

    /// How what is told of an incident begins.
    static func stage(of incident: Incident, isDryRun: Bool) -> String {
        let isAnswer = incident.topic == .brake || incident.topic == .approval
        // Answered, ended by itself, or left out of what is carried out here: the drifts have their own message.
        return incident.stage == .over && isAnswer
            ? "nothing waits for that answer any more" : stage(incident.stage, isDryRun: isDryRun)
    }

    /// Why it is not done without being asked, or not yet: the first reason of those that stand so; nil where how it stands says
    /// it all.
    package static func why(_ incident: Incident) -> String? {
        let stage = incident.stage
        switch stage {
        case .needsYou, .waiting:
            switch incident.topic {
            case .approval: return reason(.approvalMissing)
            case .budget: return pending(.budgetSpent)
            case .drifts, .plane, .brake, .leader, .sink: break
            }
            guard let tally = incident.tallies.first(where: { $0.stage == stage }) else { return nil }
            return tally.isSettling ? settling : reason(tally.reason)
        default: return nil
        }
    }

    /// What was repaired of an incident that stands otherwise, or that ended by itself in the end; nil where there is nothing to add.
    package static func repairs(_ incident: Incident) -> String? {
        guard incident.repaired > 0, incident.stage != .repaired else { return nil }
        return "\(count(incident.repaired, "repair")) \(incident.stage.isOver ? "before that" : "so far")"
    }

    /// Of backends that a restarted proxy lacks.
    package static let settling = "the proxy seems to have restarted and fills its list by itself; it is given its time"

    package static func pending(_ pending: Pending) -> String {
        switch pending {
        case .notSeenLongEnough: "it has not been seen often or long enough"
        case .backoff: "it waits after an attempt that failed"
        case .budgetSpent: "the budget of repairs of this minute is used up"
        }
    }

    package static let budget = "no more may begin in a minute than brakes.budget.per_minute says; the others follow"

    /// What somebody can type to look, or to answer; nil where there is nothing to do.
    package static func command(_ incident: Incident) -> String? {
        let look = incident.vmid.map { "zlh-controller explain \($0)" } ?? "zlh-controller audit"
        return switch incident.stage {
        case .braked:
            incident.topic == .brake
                ? incident.subject.map { approve(word($0)) } : "zlh-controller audit"
        case .needsYou:
            incident.topic == .approval ? incident.subject.map { approve(word($0)) } : look
        case .contested, .quarantined:
            incident.vmid.map { "zlh-controller events --vmid \($0)" } ?? "zlh-controller events"
        case .blind, .sinkFailing: "zlh-controller doctor"
        case .report, .repairing, .waiting, .leader, .repaired, .over: nil
        }
    }

    /// Nothing that a shell, or a reader of Markdown, could take for more than one word.
    private static func word(_ text: String) -> String {
        let kept = text.unicodeScalars.filter { scalar in
            switch scalar.value {
            case 48...58, 65...90, 95, 97...122, 45: true
            default: false
            }
        }
        return kept.isEmpty ? "PLAN_HASH" : ChatText.cut(String(String.UnicodeScalarView(kept)), 80)
    }

    package static let dryRun = "DRY-RUN"
    /// Where the answer to a message was lost.
    package static let repeated = "This may be a repeat: Discord's answer to the first attempt was lost."

    package static func flapping(_ incident: Incident) -> String {
        "It comes and goes: \(incident.times) times so far, told once an hour."
    }
}

extension ChatMessage {
    /// To see whether the way is open.
    package static func test(_ teller: IncidentMessage.Teller, webhook: String) -> ChatMessage {
        ChatMessage(
            title: (teller.isDryRun ? "[\(Words.dryRun)] " : "") + "Test",
            lines: ["This is what a message of \(ChatText.code(teller.id)) looks like. Nothing has happened."],
            footer: "webhook \(ChatText.plain(webhook))", colour: .grey, isSilent: true)
    }
}

extension SinkAnswer {
    /// For a person, in one line.
    package var told: String {
        switch self {
        case .accepted: "taken"
        case .limited(let span, let isGlobal):
            "not taken: \(isGlobal ? "this machine sends" : "it got") too many messages; try again in \(span)"
        case .editLimited: "not taken: too many edits of old messages"
        case .messageGone: "not taken: the message is not there any more"
        case .rejected(let why), .threadClosed(let why), .dead(let why), .gone(let why): "not taken: \(why)"
        case .notSent(let why): "not shown: \(why)"
        case .unsure(let why): "nobody knows, look there: \(why)"
        }
    }
}
