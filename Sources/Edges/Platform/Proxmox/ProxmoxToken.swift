import Core

/// An API token of Proxmox: `USER@REALM!NAME=SECRET`.
struct ProxmoxToken: Sendable {
    let authorization: Secret<String>
    /// `USER@REALM!NAME`: whom Proxmox names as the owner of its tasks.
    let name: String
    /// What must not appear in a message, should a server repeat it.
    let secrets: Secret<[String]>

    /// Nil when the text has another form.
    init?(_ token: Secret<String>) {
        let text = token.reveal()
        guard text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
            let equals = text.firstIndex(of: "="),
            let bang = text[..<equals].firstIndex(of: "!"),
            let at = text[..<bang].lastIndex(of: "@")
        else { return nil }
        let parts = [
            text[..<at], text[text.index(after: at)..<bang], text[text.index(after: bang)..<equals],
            text[text.index(after: equals)...],
        ]
        guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        name = String(text[..<equals])
        authorization = Secret("PVEAPIToken=" + text)
        secrets = Secret([text, String(parts[3])])
    }
}
