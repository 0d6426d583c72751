/// What is known about the games of the platform.
package enum Games {
    /// The public port of each game when the row names none.
    package static let defaultPorts: [String: Int] = [
        "minecraft": 25565, "rust": 28015, "terraria": 7777, "projectzomboid": 16261, "valheim": 2456, "palworld": 8211,
    ]

    /// The only game whose clients look an SRV record up; the others get the address record alone.
    package static func usesSRV(_ game: String?) -> Bool {
        guard let game else { return false }
        return game == "minecraft" || DNSName.canonical(game) == "minecraft"
    }

    package static func port(of row: DesiredInstance) -> Int? {
        // Asked for each row: the usual one without a look-up.
        row.port ?? (row.game == "minecraft" ? 25565 : row.game.flatMap { defaultPorts[DNSName.canonical($0)] })
    }
}
