internal import Core

/// One numbered step of the schema, as it is embedded in the program.
package struct Migration: Equatable, Sendable {
    package let number: Int
    package let name: String
    let sql: String
    /// SHA-256 of the file: an applied migration never changes.
    package let checksum: String

    private init(_ number: Int, _ name: String, _ bytes: [UInt8]) {
        self.number = number
        self.name = name
        sql = String(decoding: bytes, as: UTF8.self)
        var hash = SHA256()
        hash.update(bytes)
        checksum = hash.finish()
    }

    /// Every migration, in order. A test holds this list against the folder.
    package static let all = [
        Migration(1, "platform", PackageResources._001_platform_sql),
        Migration(2, "controller", PackageResources._002_controller_sql),
        Migration(3, "write_back", PackageResources._003_write_back_sql),
        Migration(4, "notify", PackageResources._004_notify_sql),
        Migration(5, "ledger", PackageResources._005_ledger_sql),
        Migration(6, "edge", PackageResources._006_edge_sql),
        Migration(7, "outbox", PackageResources._007_outbox_sql),
        Migration(8, "approval", PackageResources._008_approval_sql),
        Migration(9, "tell", PackageResources._009_tell_sql),
        Migration(10, "prune", PackageResources._010_prune_sql),
        Migration(11, "told", PackageResources._011_told_sql),
        Migration(12, "pauses", PackageResources._012_pauses_sql),
        Migration(13, "opened", PackageResources._013_opened_sql),
        Migration(14, "called", PackageResources._014_called_sql),
        Migration(15, "claims", PackageResources._015_claims_sql),
        Migration(16, "past", PackageResources._016_past_sql),
        Migration(17, "order", PackageResources._017_order_sql),
    ]
}
