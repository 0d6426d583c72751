import Core
import Platform

extension Doctor {
    private static let nobodyIsTold = "nobody is told there of what opens, is repaired or needs a person"

    /// Each webhook, asked without a message.
    func webhookFindings() async -> [Finding] {
        let sinks: [Herald.Sink]
        do throws(Installation.SetupError) {
            sinks = try installation.webhooks()
        } catch {
            return [
                Finding(
                    part: "discord", .fail, error.description, why: Self.nobodyIsTold,
                    remedy: "paste the webhook's URL as Discord shows it, and nothing else")
            ]
        }
        var findings: [Finding] = []
        for sink in sinks {
            switch await sink.client.check(now: installation.now) {
            case .success(let what):
                findings.append(Finding(part: "discord", .ok, "\(sink.name): \(what)"))
            case .failure(let failure):
                findings.append(
                    Finding(
                        part: "discord", .fail, "\(sink.name): \(failure.detail)", why: Self.nobodyIsTold,
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
