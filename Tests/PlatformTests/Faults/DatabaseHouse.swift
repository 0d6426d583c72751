import Core
import Foundation
import Postgres
import TestSupport

/// A scene's database on a real server, and the relay through which it is reached. The relay puts the scene's user and database
/// in the place of those that it is asked for, so that a port is all that one has to know.
struct DatabaseHouse: Sendable {
    private let scene: DatabaseScene
    private let server: PrivatePostgres
    private let name: String

    private static let template = Task {
        let server = try PrivatePostgres.shared.get()
        let name = try server.createDatabase()
        try await fill(server, name)
        return name
    }

    init(_ scene: DatabaseScene) async throws {
        self.scene = scene
        switch scene.place {
        case .primary:
            server = try PrivatePostgres.shared.get()
            name = try server.createDatabase(template: try await DatabaseHouse.template.value)
        case .elsewhere:
            server = try PrivatePostgres.shared.get()
            name = try server.createDatabase()
            // The role is there once somebody has migrated any database of the server.
            _ = try await DatabaseHouse.template.value
        case .standby:
            (server, name) = try await DatabaseHouse.copy(lacking: 5001, isReadable: true)
        case .starting:
            (server, name) = try await DatabaseHouse.copy(lacking: nil, isReadable: false)
        }
        if !scene.after.isEmpty {
            try server.run(scene.after.replacing(DatabaseScene.ownName, with: name), database: name)
        }
        if scene.connections >= 0 { try server.run("alter database \(name) connection limit \(scene.connections)") }
    }

    private static func fill(_ server: PrivatePostgres, _ name: String) async throws {
        let connection = try PostgresConnection(PostgresTarget(url: server.url(database: name)))
        _ = try await Migrator.run(on: connection, timeout: .seconds(60))
        await connection.close()
        try server.run(DatabaseScene.rows, database: name)
    }

    /// A server of its own that was stopped and goes on as a standby; one that is not readable takes no connections.
    private static func copy(lacking vmid: Int?, isReadable: Bool) async throws -> (PrivatePostgres, String) {
        let server = try PrivatePostgres()
        let name = try server.createDatabase()
        try await fill(server, name)
        if let vmid { try server.run("delete from platform.container_instance where vmid = \(vmid)", database: name) }
        if !isReadable { try server.run("alter system set hot_standby = off") }
        try server.stop()
        try await eventually("it has shut down") {
            !FileManager.default.fileExists(atPath: server.folder + "/data/postmaster.pid")
        }
        let mark = server.folder + "/data/standby.signal"
        guard FileManager.default.createFile(atPath: mark, contents: nil) else { throw CannotMark(description: mark) }
        try server.start()
        try await eventually("it is there again") {
            isReadable
                ? complaint(of: server).isEmpty
                : complaint(of: server).contains("the database system is")
        }
        return (server, name)
    }

    private struct CannotMark: Error, CustomStringConvertible { let description: String }

    private static func complaint(of server: PrivatePostgres) -> String {
        do {
            try server.run("select 1")
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// Takes one connection from its first byte to its last.
    func relay(_ connection: Connection) {
        guard let relay = DatabaseRelay(connection, to: UInt16(server.port)) else { return }
        guard relay.welcome(user: scene.user, database: name) else { return }
        relay.run(scene.wire, from: "mc-paper-5002")
    }
}
