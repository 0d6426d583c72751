package import Core

/// What a node of Proxmox calls its version.
package struct ProxmoxVersion: Equatable, Sendable {
    /// The major versions whose answers this controller is written after.
    package static let known = 8...9

    /// As `9.1.3`.
    package var text: String

    package var major: Int? { text.split(separator: ".").first.flatMap { Int($0) } }

    private struct Answer: Decodable {
        struct Content: Decodable {
            var version: String
        }
        var data: Content
    }

    static func decode(_ body: [UInt8]) throws -> ProxmoxVersion {
        let text = SafeText.clean(try WholeJSON.decode(Answer.self, body).data.version, limit: 40)
        guard !text.isEmpty else { throw ProxmoxDecoding.Malformed("an empty version") }
        return ProxmoxVersion(text: text)
    }
}

extension ProxmoxObserver {
    /// The version of one endpoint.
    package func version(place: String) async -> Result<ProxmoxVersion, ReadFailure> {
        guard let token = ProxmoxToken(token),
            let base = urls.compactMap({ BaseURL($0) }).first(where: { $0.origin == place })
        else { return .failure(ReadFailure(.configuration, "that endpoint cannot be asked", at: now())) }
        let session = ProxmoxSession(
            endpoint: base, token: token, deadline: ContinuousClock.now + .microseconds(timeout.microseconds),
            suspects: nil, addressesOf: [], tasksOf: [], client: client, now: now)
        do throws(ProxmoxFault) {
            return .success(try await session.get("/version", ProxmoxVersion.decode))
        } catch {
            return .failure(ReadFailure(error.code, "\(place) \(error.said)", at: now()))
        }
    }
}
