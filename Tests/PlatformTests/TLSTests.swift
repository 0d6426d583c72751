import Core
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Curl

/// A pinned certificate has to be refused before a byte of the request leaves: the request carries the token.
@Suite(.serialized) struct TLSTests {
    private func send(_ trust: HTTPTrust, to server: TLSServer) async -> Result<HTTPResponse, HTTPFailure> {
        let client = HTTPClient(trust: trust)
        defer { client.shutdown() }
        do throws(HTTPFailure) {
            let request = HTTPRequest(
                .get, server.url, headers: [.init("Authorization", Secret("Bearer hidden"))], timeout: .seconds(20))
            return .success(try await client.send(request))
        } catch {
            return .failure(error)
        }
    }

    @Test func theRightPinPasses() async throws {
        let server = try TLSServer()
        let trust = HTTPTrust(.certificate(server.fingerprint))
        #expect(try await send(trust, to: server).get().status == 200)
        #expect(try server.received().contains("Authorization: Bearer hidden"))
    }

    /// As after a process stood still while its connection was made: a write that comes too late is not sent at all.
    @Test(arguments: [HTTPRequest.Method.post, .put, .delete])
    func whatIsPastItsDeadlineIsNotSent(_ method: HTTPRequest.Method) async throws {
        let server = try TLSServer()
        let hasStoodStill = Mutex(false)
        // What the server says first is what lets the client send its request.
        let between = try RawServer { connection in
            guard let upstream = Forward.connect(to: server.url) else { return }
            defer { close(upstream) }
            while Forward.once(from: connection.socket, to: upstream) {
                let isThrough = Forward.once(from: upstream, to: connection.socket) {
                    hasStoodStill.withLock { $0 = true }
                    // Until the client's thread waits for it: a turn that has begun takes what comes meanwhile.
                    usleep(200_000)
                }
                guard isThrough else { return }
            }
        }
        let client = HTTPClient(
            HandleKind(trust: HTTPTrust(.certificate(server.fingerprint)), keepsFor: 3, readsAtOnce: 4096), keeps: 4
        ) {
            ContinuousClock.now + (hasStoodStill.withLock { $0 } ? .seconds(3600) : .zero)
        }
        defer { client.shutdown() }
        let url = between.url.replacing("http:", with: "https:")
        let request = HTTPRequest(
            method, url, headers: [.init("Authorization", Secret("Bearer hidden"))], timeout: .seconds(20))
        do throws(HTTPFailure) {
            _ = try await client.send(request)
            Issue.record("it was sent")
        } catch {
            // Where the thread was about to look at its deadlines anyway, it says that there was no connection in time.
            #expect(error.code == .timeout && !error.mayHaveBeenSent)
        }
        #expect(try !server.received().contains("Authorization"))
    }

    /// What the client has sent before says nothing of what it sends now.
    @Test func aWriteAfterAReadIsWithheldToo() async throws {
        let server = try RawServer.answering { _, _ in answer("200 OK", "{}") }
        let hasStoodStill = Mutex(false)
        let client = HTTPClient(HandleKind(trust: .system, keepsFor: 3, readsAtOnce: 4096), keeps: 4) {
            ContinuousClock.now + (hasStoodStill.withLock { $0 } ? .seconds(3600) : .zero)
        }
        defer { client.shutdown() }
        _ = try await client.send(HTTPRequest(.get, server.url, timeout: .seconds(20)))
        hasStoodStill.withLock { $0 = true }
        let late = HTTPFailure(.timeout, "its time was over before it could be sent")
        await #expect(throws: late) {
            _ = try await client.send(HTTPRequest(.post, server.url, body: [1], timeout: .seconds(20)))
        }
        #expect(server.heads.count == 1)
    }

    @Test func anotherPinIsRefusedBeforeAnythingIsSent() async throws {
        let server = try TLSServer()
        var bytes = server.fingerprint.bytes
        bytes[31] ^= 1
        let trust = HTTPTrust(.certificate(try #require(CertificateFingerprint(bytes: bytes))))
        guard case .failure(let failure) = await send(trust, to: server) else {
            Issue.record("another certificate was accepted")
            return
        }
        #expect(failure.code == .tls)
        #expect(failure.detail.contains(server.fingerprint.description))
        #expect(!failure.mayHaveBeenSent)
        #expect(try !server.received().contains("Authorization"))
    }

    @Test func anUnknownAuthorityIsRefused() async throws {
        let server = try TLSServer()
        guard case .failure(let failure) = await send(.system, to: server) else {
            Issue.record("a self-made certificate was accepted")
            return
        }
        #expect(failure.code == .tls)
        #expect(!failure.mayHaveBeenSent)
        #expect(try !server.received().contains("Authorization"))
    }

    @Test func theNamedAuthorityPasses() async throws {
        let server = try TLSServer()
        #expect(try await send(HTTPTrust(.authority(file: server.certificate)), to: server).get().status == 200)
    }

    @Test func anotherAuthorityIsRefused() async throws {
        let server = try TLSServer()
        let other = try TLSServer()
        let result = await send(HTTPTrust(.authority(file: other.certificate)), to: server)
        #expect(throws: HTTPFailure.self) { try result.get() }
        #expect(try !server.received().contains("Authorization"))
    }

    @Test func theNameCountsWithAnAuthority() async throws {
        let server = try TLSServer(name: "IP:127.0.0.2")
        let result = await send(HTTPTrust(.authority(file: server.certificate)), to: server)
        #expect(throws: HTTPFailure.self) { try result.get() }
        // A pin is the certificate itself: its name does not matter.
        let again = try TLSServer(name: "IP:127.0.0.2")
        #expect(try await send(HTTPTrust(.certificate(again.fingerprint)), to: again).get().status == 200)
    }

    @Test func aMissingFileIsAFaultOfTheConfiguration() async throws {
        let server = try TLSServer()
        let result = await send(HTTPTrust(.authority(file: server.certificate + ".missing")), to: server)
        #expect(throws: HTTPFailure(.configuration, "the CA file cannot be read")) { try result.get() }
    }

    @Test func withoutVerificationAnybodyPasses() async throws {
        let server = try TLSServer()
        #expect(try await send(HTTPTrust(verify: false, ca: nil, fingerprint: nil), to: server).get().status == 200)
    }

    @Test func plainTextOnTheTLSPortIsATLSFault() async throws {
        let server = try RawServer { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.waitForClose()
        }
        let client = HTTPClient()
        await #expect(throws: HTTPFailure.self) {
            try await client.send(HTTPRequest(.get, "https://127.0.0.1:\(server.port)/", timeout: .seconds(20)))
        }
    }

    @Test func fingerprintsAreReadAsProxmoxWritesThem() throws {
        let text = (0..<32).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined(separator: ":")
        let fingerprint = try #require(CertificateFingerprint(text.uppercased()))
        #expect(fingerprint.bytes == Array(0..<32))
        #expect(CertificateFingerprint(text) == fingerprint)
        #expect(CertificateFingerprint(text.filter { $0 != ":" }) == fingerprint)
        #expect(fingerprint.description == text.uppercased())
        #expect(CertificateFingerprint(String(text.dropLast())) == nil)
        #expect(CertificateFingerprint(text + ":00") == nil)
        #expect(CertificateFingerprint("g" + text.dropFirst()) == nil)
        #expect(CertificateFingerprint("0:0" + text.dropFirst(3)) == nil)
    }
}

/// Carries bytes from one socket to another.
private enum Forward {
    /// - Parameter before: done before they are passed on.
    /// - Returns: false when there is nothing more.
    static func once(from source: Int32, to target: Int32, _ before: () -> Void = {}) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(source, &bytes, bytes.count, 0)
        guard count > 0 else { return false }
        before()
        return unsafe send(target, bytes, count, Int32(MSG_NOSIGNAL)) == count
    }

    /// The port of a URL on loopback.
    static func connect(to url: String) -> Int32? {
        guard let port = URL(string: url)?.port.flatMap(UInt16.init(exactly:)) else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                unsafe Glibc.connect(descriptor, raw, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return code == 0 ? descriptor : nil
    }
}
