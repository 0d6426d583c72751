package import Core
package import Curl
import Foundation

/// Registers and withdraws backends at the bridge inside a Velocity proxy.
///
/// The bridge takes a name whatever it stood for before: its list is read right before, and nothing is sent when what is wanted
/// stands there already, because builds of the plugin send players to the most recently registered backend.
package struct VelocityWriter: EdgeHand {
    private let url: String
    private let secret: Secret<String>
    private let client: HTTPClient

    /// - Parameters:
    ///   - url: scheme, host and port of the bridge.
    ///   - secret: the shared secret; its digest is what is sent.
    package init(url: String, secret: Secret<String>, client: HTTPClient) {
        self.url = url
        self.secret = secret
        self.client = client
    }

    package func look(at name: String, timeout: Span) async -> EdgeSight {
        let observer = VelocityObserver(
            url: url, secret: secret, timeout: timeout, client: client, now: { Timestamp(microseconds: 0) })
        switch await observer.read() {
        case .failure(let failure): return .unreadable(failure.detail)
        case .success(let reading):
            switch ProxyList.judge(reading) {
            case .notConfigured: return .unreadable("nothing is configured")
            case .failed(_, let detail, _): return .unreadable(detail)
            case .read(let list):
                let here = Array(list.backends(named: name))
                // Any of the entries that cannot be read may be of this name, unless another one has it: it is there once.
                if let doubt = list.doubt, here.isEmpty { return .unreadable("\(list.endpoint): \(doubt)") }
                return .backends(here)
            }
        }
    }

    package func write(_ write: EdgeWrite, timeout: Span) async -> WriteAnswer {
        let time = WriteTime(timeout)
        let backend: VelocityReading.Backend
        let expected: [VelocityReading.Backend]
        let isRegistering: Bool
        switch write {
        case .register(let wanted, let known): (backend, expected, isRegistering) = (wanted, known, true)
        case .withdraw(let ours): (backend, expected, isRegistering) = (ours, [ours], false)
        case .create, .correct, .remove: return .notHere
        }
        guard DNSName.isHostLabel(backend.name), DNSName.ipv4(backend.address) != nil,
            (1...65_535).contains(backend.port)
        else { return .refused("\(backend.name) at \(backend) is no backend of ours") }
        switch await look(at: backend.name, timeout: timeout) {
        case .unreadable(let why): return .refused("nothing was sent: \(why)")
        case .records: return .notHere
        case .backends(let here):
            if isRegistering, here == [backend] { return .moved("it is registered so already") }
            if here != expected {
                let (there, then) = (VelocityWriter.words(here), VelocityWriter.words(expected))
                return .moved("under \(backend.name) stands \(there), not \(then)")
            }
        }
        return await send(backend, isRegistering, time)
    }

    private static func words(_ backends: [VelocityReading.Backend]) -> String {
        backends.isEmpty ? "nothing" : backends.map(\.description).joined(separator: ", ")
    }

    private struct Form: Encodable {
        var server_name: String
        var address: String?
        var port: Int?
    }

    private func send(_ backend: VelocityReading.Backend, _ isRegistering: Bool, _ time: WriteTime) async -> WriteAnswer
    {
        let path = isRegistering ? "/zpack/register" : "/zpack/unregister"
        let form = Form(
            server_name: backend.name, address: isRegistering ? backend.address : nil,
            port: isRegistering ? backend.port : nil)
        guard let base = BaseURL(url), case .success(let body) = Result(catching: { try JSONEncoder().encode(form) })
        else { return .refused("\(path): the request could not be put together") }
        guard let left = time.left else { return WriteTime.spent }
        let response: HTTPResponse
        do {
            response = try await client.send(
                HTTPRequest(
                    .post, base.origin + base.path + path,
                    headers: [
                        .init("X-Zpack-Secret", VelocityObserver.digest(of: secret)),
                        .init("Content-Type", "application/json"),
                    ], body: Array(body), timeout: left))
        } catch {
            return WriteAnswer(error, of: path)
        }
        let said = "\(path): \(response.status)"
        switch (WriteVerdict(status: response.status), response.status) {
        // The page of something in between is not the bridge's word.
        case (.told, _) where response.body.first { $0 > 32 } == UInt8(ascii: "<"):
            return .unknown("\(said), and the body is a page, not the bridge's text")
        case (.told, _): return .done(id: nil, note: "\(path) answered \(response.status)")
        case (.notDone, 404) where !isRegistering: return .moved("\(said), it is not registered any more")
        case (.notDone, 401), (.notDone, 403): return .refused("\(said) (velocity.secret is not the bridge's)")
        case (.notDone, 429):
            let term = response.headers["Retry-After"].flatMap(Lenient.int).map { ", Retry-After \($0) s" }
            return .refused(said + (term ?? ""))
        case (.notDone, _): return .refused(said)
        case (.unknown, _): return .unknown(said)
        }
    }
}
