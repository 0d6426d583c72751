package import Core
import Curl
import Glibc
import Platform
package import Settings

extension Installation {
    /// The webhooks of the configuration, in the order of their names.
    package func webhooks() throws(SetupError) -> [Herald.Sink] {
        guard let client = webhookClient else { return [] }
        var sinks: [Herald.Sink] = []
        for (name, source) in (configuration.discord?.webhooks ?? [:]).sorted(by: { $0.key < $1.key }) {
            let pasted: Secret<String>
            do throws(SecretError) {
                pasted = try source.resolve()
            } catch {
                throw SetupError(description: "discord.webhooks.\(name): \(error)")
            }
            do throws(DiscordWebhook.Unusable) {
                sinks.append(
                    Herald.Sink(name: name, client: DiscordClient(try DiscordWebhook(pasted), client: client)))
            } catch {
                throw SetupError(description: "discord.webhooks.\(name): \(error)")
            }
        }
        return sinks
    }
}

extension IncidentMessage.Teller {
    package init(_ configuration: Configuration) {
        self.init(id: configuration.id, duty: Duty(configuration))
    }
}

/// The machine that this runs on.
package enum HostInfo {
    package static var name: String {
        var info = utsname()
        guard unsafe uname(&info) == 0 else { return "an unknown host" }
        return unsafe withUnsafeBytes(of: &info.nodename) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
