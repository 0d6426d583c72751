import Core
import Platform

extension Doctor {
    /// Each webhook, asked without a message.
    func webhookFindings() async -> [Finding] {
        let sinks: [Herald.Sink]
        do throws(Installation.SetupError) {
            sinks = try installation.webhooks()
        } catch {
            return [
                Finding(
                    part: "discord", .bad, error.description,
                    remedy: "paste the webhook's URL as Discord shows it, and nothing else")
            ]
        }
        var findings: [Finding] = []
        for sink in sinks {
            switch await sink.client.check(now: WallClock.now) {
            case .success(let what): findings.append(Finding(part: "discord", .good, "\(sink.name): \(what)"))
            case .failure(let failure):
                findings.append(
                    Finding(
                        part: "discord", .bad, "\(sink.name): \(failure.detail)",
                        remedy: WebhookRemedy.text(failure.code)))
            }
        }
        return findings
    }
}

private enum WebhookRemedy {
    static func text(_ code: Unknown) -> String {
        switch code {
        case .notFound: "the webhook was deleted: make another one, and give its URL"
        case .unauthorized, .forbidden: "the token in the URL is not the webhook's: paste the URL again"
        case .rateLimited: "wait a minute, and see who else uses this webhook"
        case .refused, .unreachable, .timeout, .connectionLost, .tls: "does a firewall stand between?"
        default: "run doctor again; if it stays, is that really Discord?"
        }
    }
}
