package import Core

/// A message as Discord takes it.
package enum DiscordBody {
    /// Mentions are off by name, in an edit as well: without that an edit would look for them again.
    package static func encode(_ message: ChatMessage, username: String? = "zlh-controller") -> [UInt8] {
        var writer = JSONWriter()
        writer.object { body in
            if let username { body.key("username", username) }
            body.key("content", "")
            body.key("allowed_mentions") { $0.object { $0.key("parse") { $0.array { _ in } } } }
            // SUPPRESS_NOTIFICATIONS: it arrives without a sound. An edit makes none anyway, and takes no such flag.
            if message.isSilent, username != nil { body.key("flags", 4096) }
            body.key("embeds") { $0.array { $0.element { embed(message, &$0) } } }
        }
        return writer.bytes
    }

    private static func embed(_ message: ChatMessage, _ writer: inout JSONWriter) {
        writer.object { embed in
            embed.key("title", message.title)
            if !message.description.isEmpty { embed.key("description", message.description) }
            embed.key("color", message.colour.rawValue)
            if !message.fields.isEmpty {
                embed.key("fields") { fields in
                    fields.array { list in
                        for field in message.fields {
                            list.element {
                                $0.object { one in
                                    one.key("name", field.name)
                                    one.key("value", field.value)
                                    one.key("inline", true)
                                }
                            }
                        }
                    }
                }
            }
            embed.key("footer") { $0.object { $0.key("text", message.footer) } }
        }
    }
}
