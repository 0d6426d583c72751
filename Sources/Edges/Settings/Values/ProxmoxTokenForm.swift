package import Core

/// What an API token of Proxmox looks like, so that a secret pasted without its name is told before anything is asked.
package enum ProxmoxTokenForm {
    package static let words = "has not the form USER@REALM!NAME=SECRET"

    package static func accepts(_ token: Secret<String>) -> Bool {
        let text = token.reveal()
        guard text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), let equals = text.firstIndex(of: "="),
            let bang = text[..<equals].firstIndex(of: "!"), let at = text[..<bang].lastIndex(of: "@")
        else { return false }
        return [
            text[..<at], text[text.index(after: at)..<bang], text[text.index(after: bang)..<equals],
            text[text.index(after: equals)...],
        ].allSatisfy { !$0.isEmpty }
    }
}

extension Field {
    /// A secret that, where it stands in the file itself, has to be such a token. It is never shown.
    func proxmoxToken(folder: String) -> SecretSource? {
        guard let source = secret(folder: folder) else { return nil }
        if case .value(let token) = source, !ProxmoxTokenForm.accepts(token) {
            problem(ProxmoxTokenForm.words)
            return nil
        }
        return source
    }
}
