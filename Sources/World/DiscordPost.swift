package import Core

/// A request to show a message, as far as Discord looks at it.
package struct DiscordPost: Equatable, Sendable {
    package struct Embed: Equatable, Sendable {
        package var title = ""
        package var description = ""
        package var fields: [(name: String, value: String)] = []
        package var footer = ""
        package var colour: Int?

        package init() {}

        package static func == (a: Embed, b: Embed) -> Bool {
            a.title == b.title && a.description == b.description && a.footer == b.footer && a.colour == b.colour
                && a.fields.elementsEqual(b.fields) { $0 == $1 }
        }
    }

    package var username: String?
    package var content = ""
    package var embeds: [Embed] = []
    /// `allowed_mentions.parse`; nil when it was not given, and then whoever is named is notified.
    package var parse: [String]?
    package var flags = 0

    package init() {}

    /// A message of the controller.
    package init(_ message: ChatMessage) {
        var embed = Embed()
        (embed.title, embed.description, embed.footer) = (message.title, message.description, message.footer)
        embed.fields = message.fields.map { ($0.name, $0.value) }
        embed.colour = message.colour.rawValue
        embeds = [embed]
        parse = []
        flags = message.isSilent ? 4096 : 0
    }

    /// Which parts are refused, and by which code. Counted in code points, white space at the ends apart.
    var problems: [(path: String, code: String)] {
        var found: [(String, String)] = []
        func most(_ path: String, _ text: String, _ limit: Int) {
            if DiscordPost.length(text) > limit { found.append((path, "BASE_TYPE_MAX_LENGTH")) }
        }
        func needed(_ path: String, _ text: String) {
            if DiscordPost.length(text) == 0 { found.append((path, "BASE_TYPE_REQUIRED")) }
        }
        if let username {
            most("username", username, 80)
            needed("username", username)
            let lower = username.lowercased()
            if lower.contains("discord") || lower.contains("clyde") {
                found.append(("username", "USERNAME_INVALID_CONTAINS"))
            }
        }
        most("content", content, 2000)
        if embeds.count > 10 { found.append(("embeds", "BASE_TYPE_MAX_LENGTH")) }
        var total = 0
        for (index, embed) in embeds.enumerated() {
            let path = "embeds.\(index)"
            most("\(path).title", embed.title, 256)
            most("\(path).description", embed.description, 4096)
            most("\(path).footer.text", embed.footer, 2048)
            if embed.fields.count > 25 { found.append(("\(path).fields", "BASE_TYPE_MAX_LENGTH")) }
            for (number, field) in embed.fields.enumerated() {
                most("\(path).fields.\(number).name", field.name, 256)
                most("\(path).fields.\(number).value", field.value, 1024)
                needed("\(path).fields.\(number).name", field.name)
                needed("\(path).fields.\(number).value", field.value)
            }
            total += embed.texts.reduce(0) { $0 + DiscordPost.length($1) }
        }
        if total > 6000 { found.append(("embeds", "MAX_EMBED_SIZE_EXCEEDED")) }
        return found
    }

    var isEmpty: Bool {
        DiscordPost.length(content) == 0
            && embeds.allSatisfy { embed in embed.texts.allSatisfy { DiscordPost.length($0) == 0 } }
    }

    private static func length(_ text: String) -> Int {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return scalars.count
    }

    /// Whom it would notify: only the content does, an embed never.
    var pings: [String] {
        let named = ["@everyone", "@here", "<@"].filter { content.contains($0) }
        guard let parse else { return named }
        return named.filter {
            $0 == "<@" ? parse.contains("users") || parse.contains("roles") : parse.contains("everyone")
        }
    }
}

extension DiscordPost.Embed {
    var texts: [String] { [title, description, footer] + fields.flatMap { [$0.name, $0.value] } }
}
