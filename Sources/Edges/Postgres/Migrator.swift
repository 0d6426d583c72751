package import Core

/// What a migration did, to be printed.
package struct MigrationReport: Equatable, Sendable {
    package var database: String
    /// `0001 platform`, in order; empty when there was nothing to do.
    package var applied: [String]
    package var alreadyApplied: Int
    package var rolesCreated: [String]
    /// Every grant that now holds, in words.
    package var grants: [String]

    package var lines: [String] {
        var lines = ["database \(database)"]
        lines += rolesCreated.map { "created role \($0): it can log in once an administrator gives it a password" }
        lines += applied.map { "applied \($0)" }
        if applied.isEmpty { lines.append("nothing to apply: all \(alreadyApplied) migrations are in place") }
        return lines + grants
    }
}

/// Creates or upgrades the schemas: all or nothing, safe twice, and safe by two at once.
package struct Migrator {
    /// One migration at a time in a database: "zlh" and a version, as an advisory lock's number.
    private static let lock = "8026481"

    /// - Throws: `.permission` with the statements an administrator has to run; `.protocol` when what is applied is not
    ///   what this program knows.
    package static func run(
        on connection: PostgresConnection, timeout: Span = .minutes(1)
    ) async throws(PostgresError) -> MigrationReport {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                try Migrator(session: session).run(Migration.all)
            }
        }
    }

    private let session: PostgresSession

    private func run(_ known: [Migration]) throws(PostgresError) -> MigrationReport {
        guard session.serverVersion >= 150_000 else {
            throw PostgresError(
                .protocol, "PostgreSQL 15 or newer is needed", cause: "this is \(session.serverVersion)")
        }
        _ = try session.query("select pg_advisory_xact_lock(\(Migrator.lock))")
        let facts = try session.rows("select current_database(), current_user, pg_is_in_recovery()")
        guard let database = facts.first?[0], let user = facts.first?[1], facts.first?[2] == "f" else {
            throw PostgresError(.protocol, "this server is a standby and cannot be migrated; use its primary")
        }
        try PlatformShape.check(in: session)
        let created = try createRoles(user: user)
        try become(user: user)
        try provide(Grants.needs(database: database), user: user)

        try session.script("set local role \(Grants.owner)")
        try createLedger()
        let present = try session.rows(
            "select number::text, name, checksum from controller.schema_migration order by number")
        try compare(present, known)
        let numbers = Set(present.compactMap { $0[0] })
        var applied: [String] = []
        for migration in known where !numbers.contains(String(migration.number)) {
            let label = Migrator.label(migration.number, migration.name)
            do throws(PostgresError) {
                try session.script(migration.sql)
            } catch {
                var error = error
                error.message = "migration \(label) failed; nothing was changed"
                throw error
            }
            _ = try session.query(
                "insert into controller.schema_migration (number, name, checksum) values ($1::integer, $2, $3)",
                [String(migration.number), migration.name, migration.checksum])
            applied.append(label)
        }
        try session.script("reset role")
        try provide(Grants.all.flatMap(\.needs), user: user)
        return MigrationReport(
            database: database, applied: applied, alreadyApplied: present.count, rolesCreated: created,
            grants: ["\(Grants.owner) owns schema controller and what is in it"]
                + Grants.all.map { "\($0.role) \($0.words)" })
    }

    /// Roles belong to the whole cluster: a migration of another database may create the same one right now.
    private func createRoles(user: String) throws(PostgresError) -> [String] {
        var created: [String] = []
        var refused: [String] = []
        for role in Grants.roles {
            guard try session.rows("select from pg_roles where rolname = $1", [role]).isEmpty else { continue }
            let statement = "create role \(role) login"
            let error = try session.attempt { session throws(PostgresError) in try session.script(statement) }
            switch error?.sqlstate {
            case nil where error == nil: created.append(role)
            case "42710", "23505": break  // duplicate_object, unique_violation: the other one was first.
            case "42501": refused.append(statement)
            default: if let error { throw error }
            }
        }
        guard refused.isEmpty else { throw missing(refused, user: user) }
        return created
    }

    /// Lets the running role act as the owner.
    private func become(user: String) throws(PostgresError) {
        let member = Grants.Need(
            question: "select pg_has_role(current_user, '\(Grants.owner)', 'MEMBER')",
            remedy: "grant \(Grants.owner) to \(Grants.quoted(user))")
        try provide([member], user: user)
    }

    /// Grants what is missing, or says all of it at once for somebody who may.
    private func provide(_ needs: [Grants.Need], user: String) throws(PostgresError) {
        var refused: [String] = []
        for need in needs where !refused.contains(need.remedy) {
            if let question = need.question, try holds(question) { continue }
            let error = try session.attempt { session throws(PostgresError) in try session.script(need.remedy) }
            if let error, error.code != .permission { throw error }
            // "grant" by one who holds no grant option but some privilege is a mere warning: ask again.
            var isGranted = error == nil
            if isGranted, let question = need.question { isGranted = try holds(question) }
            if !isGranted { refused.append(need.remedy) }
        }
        guard refused.isEmpty else { throw missing(refused, user: user) }
    }

    private func holds(_ question: String) throws(PostgresError) -> Bool {
        try session.rows(question).first?.first == "t"
    }

    private func missing(_ statements: [String], user: String) -> PostgresError {
        PostgresError(
            .permission,
            "the role \(user) may not prepare this database; as an administrator run in it, then migrate again",
            cause: statements.map { $0 + ";" }.joined(separator: " "), sqlstate: "42501")
    }

    private func createLedger() throws(PostgresError) {
        try session.script(
            """
            do $$ begin
              if to_regnamespace('controller') is null then create schema controller; end if;
            end $$;
            create table if not exists controller.schema_migration (
              number     integer primary key,
              name       text not null,
              checksum   text not null,
              applied_at timestamptz not null default now()
            )
            """)
    }

    private func compare(_ present: [[String?]], _ known: [Migration]) throws(PostgresError) {
        for row in present {
            let number = row[0].flatMap { Int($0) } ?? 0
            let label = Migrator.label(number, row[1] ?? "")
            guard let migration = known.first(where: { $0.number == number }) else {
                throw PostgresError(.protocol, "the database is newer than this program: it has migration \(label)")
            }
            guard migration.checksum == row[2] else {
                throw PostgresError(
                    .protocol,
                    "migration \(label) was applied with another content than this program's; nothing was changed")
            }
        }
    }

    private static func label(_ number: Int, _ name: String) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + " " + name
    }
}
