import Core
import Curl
import Foundation
import Glibc

/// `openssl s_server` with a certificate made for it: it writes down every decrypted byte it receives.
final class TLSServer: Sendable {
    struct CannotStart: Error, CustomStringConvertible { let description: String }

    let url: String
    /// The PEM file of the certificate, its own authority.
    let certificate: String
    let fingerprint: CertificateFingerprint
    private let directory: URL
    private let log: URL
    private let process: Process

    /// `name` is the certificate's subjectAltName.
    init(name: String = "IP:127.0.0.1") throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let key = directory.appending(path: "key.pem").path
        certificate = directory.appending(path: "certificate.pem").path
        log = directory.appending(path: "log")
        try TLSServer.openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
            "-subj", "/CN=test-\(UUID())", "-addext", "subjectAltName=\(name)", "-keyout", key, "-out", certificate,
        ])
        let der = directory.appending(path: "certificate.der")
        try TLSServer.openssl(["x509", "-in", certificate, "-outform", "der", "-out", der.path])
        var digest = SHA256()
        digest.update(try Data(contentsOf: der))
        guard let fingerprint = CertificateFingerprint(digest.finish()) else {
            throw CannotStart(description: "digest")
        }
        self.fingerprint = fingerprint

        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-key", key, "-cert", certificate,
        ]
        let input = Pipe()
        process.standardInput = input
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        // It sends what it is given as soon as somebody has connected.
        try input.fileHandleForWriting.write(contentsOf: Data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8))
        try process.run()

        // It was asked for any free port and says which it got.
        var port: Substring?
        let end = ContinuousClock.now + .seconds(20)
        while port == nil, ContinuousClock.now < end {
            usleep(5000)
            let text = try String(contentsOf: log, encoding: .utf8)
            port = text.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") }?.split(separator: ":").last
        }
        guard let port else { throw CannotStart(description: try String(contentsOf: log, encoding: .utf8)) }
        url = "https://127.0.0.1:\(port)/"
    }

    /// Everything that arrived, once the server has seen the end of its only connection and has ended itself.
    func received() throws -> String {
        let end = ContinuousClock.now + .seconds(20)
        while process.isRunning, ContinuousClock.now < end { usleep(5000) }
        guard !process.isRunning else { throw CannotStart(description: "the server did not see its connection end") }
        return try String(decoding: Data(contentsOf: log), as: UTF8.self)
    }

    /// By a signal that cannot be blocked: a child inherits the mask of the pool's thread that started it, and that
    /// blocks SIGTERM.
    private func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    deinit {
        end()
        do { try FileManager.default.removeItem(at: directory) } catch { print("left behind: \(directory.path)") }
    }

    /// Writes to files and not to a pipe: another child started meanwhile would inherit the pipe and hold it open.
    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CannotStart(description: "openssl \(arguments[0])") }
    }
}
