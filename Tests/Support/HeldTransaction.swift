internal import Foundation

/// A transaction of somebody else that has done something and stays open: what it locked has to be waited for.
///
/// By `psql`, which reads from a pipe: what it began is rolled back when that ends.
package final class HeldTransaction: Sendable {
    private let child: Child
    private let lines = Pipe()

    /// Returns once `sql` has been carried out.
    init(psql: String, _ arguments: [String], _ sql: String) async throws {
        _ = fcntl(lines.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        child = try Child(psql, arguments, input: lines.fileHandleForReading.fileDescriptor)
        try lines.fileHandleForWriting.write(contentsOf: Data("begin;\n\(sql);\n\\echo ready\n".utf8))
        try await child.waitUntilReady()
    }

    /// Does more in it, and waits for none of it.
    package func goOn(_ sql: String) throws {
        try lines.fileHandleForWriting.write(contentsOf: Data("\(sql);\n".utf8))
    }

    /// Gives back what it holds.
    package func end() async throws {
        try lines.fileHandleForWriting.close()
        _ = try await child.finish()
    }
}

extension PrivatePostgres {
    /// As the superuser.
    package func hold(_ sql: String, database: String) async throws -> HeldTransaction {
        let binaries = try PrivatePostgres.binaries()
        return try await HeldTransaction(psql: "\(binaries)/psql", psqlArguments(database), sql)
    }

    /// Returns once somebody waits for a lock in `database`.
    package func somebodyWaits(in database: String) async throws {
        try await eventually("somebody waits for a lock") {
            try run(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
                database: database) != "0"
        }
    }
}
