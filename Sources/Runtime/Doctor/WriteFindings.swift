import Core
import Settings

extension Doctor {
    /// What can be known, without writing, about the right to write: nothing of the two zones. Cloudflare does not tell a token its
    /// own permissions, and Technitium not those on one zone.
    func writing() -> [Finding] {
        guard installation.configuration.mode == .repair else { return [] }
        var findings: [Finding] = []
        if installation.publicZone != nil {
            findings.append(
                Finding(
                    .publicDNS, .warn, "whether the token may write is not known before the first repair",
                    why: "without the right each repair is refused, until its attempts are used up",
                    remedy: "see to it that it has DNS Edit on this zone, and no other permission"))
        }
        if installation.internalZone != nil {
            findings.append(
                Finding(
                    .internalDNS, .warn, "whether the token may write is not known before the first repair",
                    why: "without the right each repair is refused, until its attempts are used up",
                    remedy: "see to it that its user has View, Modify and Delete on this zone, and on no other"))
        }
        if installation.velocity != nil {
            findings.append(
                Finding(.velocity, .ok, "the secret by which its list is read is also the one for registering"))
        }
        return findings
    }
}
