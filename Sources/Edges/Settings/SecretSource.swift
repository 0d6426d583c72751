package import Core
import Foundation

/// Where a secret is kept. Reading a configuration does not read its secrets: that is a step of its own, taken by the
/// commands that need them.
package enum SecretSource: Sendable {
    /// A file's path, already resolved against the configuration's folder.
    case file(String)
    /// The name of an environment variable.
    case environment(String)
    /// Written in the configuration itself: for a laboratory.
    case value(Secret<String>)

    static let maximumBytes = 64 << 10

    /// Reads the secret. White space at its end is not part of it: editors and `echo` put a line feed there.
    ///
    /// A file that the service manager has handed over is read from where it was put, since the service itself may not read
    /// the original.
    package func resolve(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(SecretError) -> Secret<String> {
        switch self {
        case .file(let path):
            let source = "secret file " + shown(path, limit: 200)
            let bytes: [UInt8]
            do throws(BoundedFile.Failure) {
                bytes = try BoundedFile.read(
                    SecretSource.credential(of: path, environment) ?? path, limit: SecretSource.maximumBytes)
            } catch {
                throw SecretError(source: source, message: error.message)
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw SecretError(source: source, message: "is not UTF-8 text")
            }
            return try SecretSource.checked(text, source)
        case .environment(let name):
            let source = "environment variable " + shown(name)
            guard let text = environment[name] else { throw SecretError(source: source, message: "is not set") }
            return try SecretSource.checked(text, source)
        case .value(let secret):
            return try SecretSource.checked(secret.reveal(), "secret given as `value`")
        }
    }

    /// systemd names each file of a folder that it hands over (`LoadCredential=secrets:/etc/zlh-controller/secrets`) by the
    /// credential's and the file's name: `secrets/postgres` becomes `secrets_postgres`. Nil when there is no such file.
    private static func credential(of path: String, _ environment: [String: String]) -> String? {
        guard let folder = environment["CREDENTIALS_DIRECTORY"], folder.hasPrefix("/") else { return nil }
        let names = path.split(separator: "/").suffix(2)
        guard names.count == 2 else { return nil }
        let copy = BoundedFile.resolve(names.joined(separator: "_"), in: folder)
        return BoundedFile.isFolder(copy) == false ? copy : nil
    }

    private static func checked(_ text: String, _ source: String) throws(SecretError) -> Secret<String> {
        var scalars = text.unicodeScalars[...]
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        guard !scalars.isEmpty else { throw SecretError(source: source, message: "is empty") }
        // Secrets become HTTP headers: a line break within one would begin another header.
        guard !scalars.contains(where: \.isControl) else {
            throw SecretError(source: source, message: "holds a line break or control character inside the secret")
        }
        return Secret(String(scalars))
    }
}

/// A secret that cannot be had. Names the place, never the content.
package struct SecretError: Error, Equatable, CustomStringConvertible {
    package var source: String
    package var message: String

    package init(source: String, message: String) {
        self.source = source
        self.message = message
    }

    package var description: String { source + " " + message }
}

extension SecretSource: CustomStringConvertible {
    /// Where it is kept: safe to show.
    package var description: String {
        switch self {
        case .file(let path): "file \(shown(path, limit: 200))"
        case .environment(let name): "env \(shown(name))"
        case .value: "value <redacted>"
        }
    }
}

extension Field {
    /// `{ file: … }`, `{ env: … }` or `{ value: … }`. What stands there instead is never shown: it may be the secret.
    ///
    /// - Parameter folder: what a relative path is relative to.
    func secret(folder: String) -> SecretSource? {
        let form = "{ file: … }, { env: … } or { value: … }"
        guard let map = map(of: "a secret's place, \(form)") else { return nil }
        let before = problems.count
        let file = map.field("file")
        let variable = map.field("env")
        let value = map.field("value")
        map.finish()
        guard problems.count == before else { return nil }
        guard [file, variable, value].compactMap({ $0 }).count == 1 else {
            problem("needs exactly one of file, env and value")
            return nil
        }
        if let file {
            return file.text("the path of a file").map { .file(BoundedFile.resolve($0, in: folder)) }
        }
        if let variable {
            guard let name = variable.hidden(), SecretSource.isVariableName(name) else {
                variable.problem("is not the name of an environment variable: letters, digits and `_`")
                return nil
            }
            return .environment(name)
        }
        guard let text = value?.hidden() else {
            value?.problem("needs the secret's text")
            return nil
        }
        return .value(Secret(text))
    }

    /// The text of a scalar, whatever it looks like.
    private func hidden() -> String? {
        guard case .scalar(let text, _) = value.content, !text.isEmpty else { return nil }
        return text
    }
}

extension SecretSource {
    fileprivate static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first), name.utf8.count <= 128 else { return false }
        return name.utf8.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 95
        }
    }
}
