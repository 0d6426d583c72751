package import Core

/// Keeps the attempts at the edge: a row before the first request, the answer after it, the verdict at the end.
///
/// The requests themselves go elsewhere, so nothing here can be undone by a rollback: whatever happens between two of these
/// transactions leaves a row that says what was about to be changed.
package struct EdgeLedger: Sendable {
    private let connection: PostgresConnection
    private let settings: PipelineSettings
    private let now: Now

    package init(_ connection: PostgresConnection, settings: PipelineSettings, now: @escaping Now) {
        self.connection = connection
        self.settings = settings
        self.now = now
    }

    /// Writes down that a change is about to begin, if the database still wants it.
    ///
    /// - Returns: why it may not begin; nil when it may.
    package func claim(
        _ intent: Intent, _ grounds: EdgeGrounds, lease: Lease, timeout: Span
    ) async throws(PostgresError) -> String? {
        let change = try EdgeChangeForm(grounds.change).json
        return try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                if let why = try ClaimObstacle.find(intent, lease: lease, in: session) { return why }
                let desired = try desired(intent, grounds, in: session)
                if let why = grounds.obstacle(desired, settings: settings) { return why }
                let isBegun = try AttemptRow.begin(
                    intent, change: change, step: EdgeLedger.step(grounds), detail: grounds.change.told, lease: lease,
                    in: session)
                return isBegun ? nil : RepairOutcome.occupiedWords
            }
        }
    }

    /// Whether a request may leave: this process still leads, by the row itself, and what it rests on is not old. Waits for whoever is
    /// taking the row over at this moment.
    ///
    /// - Parameter isUndo: whether it takes back what is ours, which rests on nothing else.
    package func allows(
        _ intent: Intent, isUndo: Bool, _ lease: Lease, timeout: Span
    ) async throws(PostgresError) -> Allowance {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return .deposed }
                if !isUndo, let why = try EvidenceAge.obstacle(intent, in: session) { return .late(why) }
                return .allowed
            }
        }
    }

    package enum Allowance: Equatable, Sendable {
        case allowed
        case deposed
        case late(String)
    }

    /// Writes down what is about to be sent after the first request.
    ///
    /// - Returns: why nothing may be sent now; nil when it may.
    package func announce(
        _ intent: Intent, _ grounds: EdgeGrounds, _ write: EdgeWrite, isUndo: Bool, lease: Lease, timeout: Span
    ) async throws(PostgresError) -> String? {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return "another controller leads" }
                try ClaimLock.share(in: session)
                let desired = try desired(intent, grounds, in: session)
                let why =
                    isUndo
                    ? grounds.obstacleToUndo(desired, settings: settings)
                    : grounds.obstacle(desired, settings: settings)
                if let why { return why }
                let told = Foreign.text((isUndo ? EdgeLedger.takesBack : "") + write.told, limit: 2000)
                // An attempt that is taken up again may have announced it before: since when it is tried is kept.
                let made = try session.rows(
                    """
                    insert into controller.repair_step (intent_id, name)
                    select i.id, $2 from controller.repair_intent i where i.id = $1 and i.state = 'open'
                    on conflict (intent_id, name)
                      do update set answered_at = null, answer = null returning intent_id
                    """, [intent.id, "\(EdgeLedger.step(grounds)): \(told)"])
                if made.isEmpty { return "the attempt has been ended" }
                try EventRow(intent, .asked, lease, step: EdgeLedger.step(grounds), detail: told).insert(in: session)
                return nil
            }
        }
    }

    /// Writes down what the service answered to what was asked last.
    package func note(
        _ intent: Intent, _ grounds: EdgeGrounds, answer: String, id: String?, lease: Lease, timeout: Span
    ) async throws(PostgresError) {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return }
                let answer = Foreign.text(answer, limit: 2000)
                _ = try session.rows(
                    """
                    update controller.repair_step set answered_at = clock_timestamp(), answer = $2, record_id = $3
                     where intent_id = $1 and answered_at is null
                       and asked_at = (select max(s.asked_at) from controller.repair_step s where s.intent_id = $1)
                    """, [intent.id, answer, id])
                try EventRow(intent, .answered, lease, step: EdgeLedger.step(grounds), detail: answer)
                    .insert(in: session)
            }
        }
    }

    /// Whether what was published still is wanted.
    package func stand(
        _ intent: Intent, _ grounds: EdgeGrounds, timeout: Span
    ) async throws(PostgresError) -> EdgeSaga.Answer {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction(.snapshot) { session throws(PostgresError) in
                grounds.answer(try desired(intent, grounds, in: session), settings: settings)
            }
        }
    }

    /// Ends the attempt.
    ///
    /// - Returns: false when this process does not lead any more: whoever does ends it.
    package func close(
        _ intent: Intent, _ outcome: RepairOutcome, lease: Lease, timeout: Span
    ) async throws(PostgresError) -> Bool {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return false }
                try OpenAttempt(intent).end(outcome, lease: lease, in: session)
                return true
            }
        }
    }

    private func desired(
        _ intent: Intent, _ grounds: EdgeGrounds, in session: PostgresSession
    ) throws(PostgresError) -> DesiredState {
        var address: String?
        if case .backend(let change) = grounds.change { address = change.wanted.address }
        return try DesiredStateReader.state(
            around: grounds.key, hostname: HostName.canonical(intent.drift.hostname ?? "", zone: settings.zone),
            address: address, in: session, readAt: now())
    }

    /// How the name of a step begins that takes our own change back, after what it is about.
    static let takesBack = "take back: "

    static func step(_ grounds: EdgeGrounds) -> String { "\(grounds.change.plane.rawValue) \(grounds.change.name)" }
}
