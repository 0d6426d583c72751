import Core
import TestSupport

/// A database that says what three servers should be, and what has become of it since.
struct DatabaseScene: Sendable {
    enum Place: Sendable {
        case primary
        /// Another database of the same server, in which somebody else lives.
        case elsewhere
        /// A copy that lacks the newest row.
        case standby
        /// A server that takes no connections yet.
        case starting
    }

    /// What the way to the server does once the row of the second guest is on it.
    enum Wire: Sendable { case whole, hangs, resets, drips }

    /// Stands in SQL for what no other scene has the name of: roles belong to the whole server.
    static let ownName = "this-scene"

    var place: Place
    var user: String
    /// What was done to it, as a superuser does it.
    var after: String
    /// How many it takes.
    var connections: Int
    var wire: Wire

    init(
        _ place: Place = .primary, user: String = "zlh_audit", after: String = "", connections: Int = -1,
        wire: Wire = .whole
    ) {
        (self.place, self.user, self.after, self.connections, self.wire) = (place, user, after, connections, wire)
    }

    /// A platform that has redefined the view of its instances.
    init(view vmid: String, from rows: String) {
        self.init(
            after: """
                drop view controller.desired_instance cascade;
                create view controller.desired_instance as
                  select \(vmid) as vmid, external_id, customer_id, ctype, hostname, node, ip, game, variant, port,
                         desired_power, status from platform.container_instance \(rows);
                grant select on controller.desired_instance to zlh_audit
                """)
    }

    /// What Proxmox and the public zone show, whatever the database says.
    static let fleet = Fleet(3)

    static var rows: String {
        fleet.instances.map { row in
            """
            insert into platform.container_instance
              (vmid, external_id, customer_id, ctype, hostname, node, ip, game, variant)
            values (\(row.vmid), '\(row.key.externalID)', '\(row.customer ?? "")', 'game', '\(row.hostname)',
                    '\(row.node ?? "")', '\(row.address ?? "")', '\(row.game ?? "")', '\(row.variant ?? "")');
            """
        }.joined(separator: "\n")
    }
}
