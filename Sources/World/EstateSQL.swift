import Core

extension Estate {
    /// What the platform's tables would hold, as statements for `psql -f`. Times are relative to when they are run.
    package func sql() -> String {
        var lines = [
            "begin;",
            "truncate platform.container_instance, platform.provisioning_operation, "
                + "platform.billing_enforcement_state, platform.deleted_instance;",
        ]
        for row in instances {
            lines.append(
                insert(
                    "container_instance",
                    [
                        ("vmid", "\(row.vmid)"), ("external_id", quoted(row.key.externalID.description)),
                        ("customer_id", quoted(row.customer)), ("ctype", quoted(row.ctype.rawValue)),
                        ("hostname", quoted(row.hostname)), ("node", quoted(row.node)), ("ip", quoted(row.address)),
                        ("game", quoted(row.game)), ("variant", quoted(row.variant)),
                        ("port", row.port.map(String.init) ?? "null"), ("desired_power", quoted(row.power.rawValue)),
                        ("status", quoted(row.status.rawValue)), ("payload", quoted(payloads[row.vmid] ?? "{}")),
                    ]))
        }
        for row in operations {
            lines.append(
                insert(
                    "provisioning_operation",
                    [
                        ("id", quoted(row.id)), ("idempotency_key", quoted(row.idempotencyKey)),
                        ("customer_id", quoted(row.customer)), ("vmid", row.vmid?.description ?? "null"),
                        ("kind", quoted(row.kind.rawValue)), ("queue", quoted(row.queue)),
                        ("job_id", quoted(row.jobID)), ("status", quoted(row.status.rawValue)),
                        ("phase", quoted(row.phase)), ("attempts", "\(row.attempts)"),
                        ("enqueued_at", time(row.enqueuedAt)), ("started_at", time(row.startedAt)),
                        ("heartbeat_at", time(row.heartbeatAt)), ("lease_expires_at", time(row.leaseExpiresAt)),
                        ("finished_at", time(row.finishedAt)),
                    ]))
        }
        for row in billing {
            lines.append(
                insert(
                    "billing_enforcement_state",
                    [
                        ("customer_id", quoted(row.customer)), ("billing_status", quoted(row.status?.rawValue)),
                        ("server_billing_state", quoted(row.serverState?.rawValue)),
                    ]))
        }
        for row in retired {
            lines.append(
                insert(
                    "deleted_instance",
                    [
                        ("vmid", "\(row.vmid)"), ("external_id", quoted(row.externalID?.description)),
                        ("customer_id", quoted(row.customer)), ("hostname", quoted(row.hostname)),
                        ("game", quoted(row.game)), ("reason", quoted("customer")),
                        ("deleted_at", time(row.deletedAt)),
                    ]))
        }
        lines.append("commit;")
        return lines.joined(separator: "\n") + "\n"
    }

    private func insert(_ table: String, _ columns: [(name: String, value: String)]) -> String {
        "insert into platform.\(table) (\(columns.map(\.name).joined(separator: ", "))) values "
            + "(\(columns.map(\.value).joined(separator: ", ")));"
    }

    private func time(_ moment: Timestamp?) -> String {
        guard let moment else { return "null" }
        return "now() + interval '\((moment - drawnAt).microseconds) microseconds'"
    }
}

/// A literal of PostgreSQL. A backslash makes it an `E''` string, so that the value is the same whatever
/// `standard_conforming_strings` says.
private func quoted(_ text: String?) -> String {
    guard let text else { return "null" }
    var body = ""
    var hasBackslash = false
    for scalar in text.unicodeScalars {
        switch scalar {
        case "'": body += "''"
        case "\\":
            body += "\\\\"
            hasBackslash = true
        default: body.unicodeScalars.append(scalar)
        }
    }
    return (hasBackslash ? "E'" : "'") + body + "'"
}
