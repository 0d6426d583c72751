import Core
import Postgres
import TestSupport
import Testing

/// The row of guest 5001, which Proxmox shows: without the row it would be an orphan.
struct DatabaseWitness: Witness {
    let name = "database"

    var healthy: Serving { .database(DatabaseScene()) }

    func cell(_ fault: Fault) -> Cell {
        switch fault {
        case .refused: .unknown(.refused, .nobody)
        case .hang: .unknown(.timeout, .database(DatabaseScene(wire: .hangs)))
        case .resetInBody: .unknown(.connectionLost, .database(DatabaseScene(wire: .resets)))
        case .slowDrip: .unknown(.timeout, .database(DatabaseScene(wire: .drips)))
        case .serverError: .unknown(.loading, .database(DatabaseScene(.starting)))
        case .unauthorized: .unknown(.unauthorized, .database(DatabaseScene(user: PrivatePostgres.passwordUser)))
        case .forbidden:
            .unknown(
                .forbidden,
                .database(DatabaseScene(after: "revoke select on controller.desired_instance from zlh_audit")))
        case .notFound:
            .unknown(.database, .database(DatabaseScene(after: "drop view controller.desired_instance cascade")))
        case .tooMany: .unknown(.rejected, .database(DatabaseScene(connections: 0)))
        case .empty: .unknown(.bulkOrphans, .database(DatabaseScene(after: "delete from platform.container_instance")))
        case .truncatedList:
            .unknown(
                .forbidden,
                .database(
                    DatabaseScene(
                        after: """
                            alter table platform.container_instance enable row level security, force row level security;
                            create policy another on platform.container_instance using (vmid <> 5001);
                            create role "owner of \(DatabaseScene.ownName)";
                            grant usage on schema platform to "owner of \(DatabaseScene.ownName)";
                            grant select on platform.container_instance to "owner of \(DatabaseScene.ownName)";
                            alter view controller.desired_instance owner to "owner of \(DatabaseScene.ownName)"
                            """)))
        case .lostPage: .cannotHappen("rows come in one stream whose end the server tells, all from one snapshot")
        case .duplicates:
            .unknown(
                .contradictoryRows, .database(DatabaseScene(view: "vmid", from: "i cross join generate_series(1, 2)")))
        case .staleCopy: .unknown(.replica, .database(DatabaseScene(.standby)))
        case .wrongPlace: .unknown(.database, .database(DatabaseScene(.elsewhere)))
        case .malformed: .unknown(.malformed, .says("HTTP/1.1 400 Bad Request\r\n\r\n"))
        case .wrongType:
            .unknown(
                .unreadableRow,
                .database(DatabaseScene(view: "case vmid when 5001 then 'ct5001' else vmid::text end", from: "i")))
        case .oversize:
            .unknown(
                .oversize, .database(DatabaseScene(view: "vmid", from: "i cross join generate_series(1, 1000000)")))
        }
    }

    func look(at ports: [UInt16], timeout: Span, isPermitted: Bool) async throws -> Seen {
        var fleet = DatabaseScene.fleet
        for port in ports {
            // The password is wrong for whoever needs one.
            let connection = try PostgresConnection(
                PostgresTarget(url: "postgres://somebody@127.0.0.1:\(port)/somewhere"), password: Secret("wrong"),
                taking: Intake(rows: 10_000, bytes: 1 << 20))
            let result = await DesiredStateReader(connection).read(timeout: timeout, now: { Fleet.now })
            await connection.close()
            switch result {
            case .failure(let failure): return .unknown(failure.code)
            case .success(let desired):
                (fleet.instances, fleet.unreadable) = (desired.instances, desired.unreadable)
                (fleet.operations, fleet.billing) = (desired.operations, [])
            }
        }
        let report = try #require(fleet.audit())
        if report.decision(.containerOrphan) != nil { return .absent }
        if let fact = report.unknown.first { return .unknown(fact.reason) }
        #expect(report.decisions.isEmpty && report.summary.inSync == 3)
        return .present
    }
}
