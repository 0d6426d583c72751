import Core
import Foundation

/// A fixture as a JSON file.
package enum FixtureFile {
    /// A capture of a hundred thousand instances is about 60 MB; beyond this something is wrong.
    package static let maxBytes = 512 * 1024 * 1024

    package static func read(path: String) throws(FixtureError) -> Fixture {
        let data: Data
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            if let size = attributes[.size] as? Int, size > maxBytes {
                throw FixtureError(path: path, message: "it is larger than \(maxBytes) bytes")
            }
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch let error as FixtureError {
            throw error
        } catch {
            throw FixtureError(path: path, message: "it cannot be read: is there such a file, and may you read it?")
        }
        return try decode([UInt8](data), path: path)
    }

    package static func decode(_ bytes: [UInt8], path: String) throws(FixtureError) -> Fixture {
        guard JSONGrammar.accepts(bytes) else { throw FixtureError(path: path, message: "it is not JSON") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            let form = try decoder.decode(FixtureForm.self, from: Data(bytes))
            guard form.fixture == Fixture.version else {
                throw FixtureError(
                    path: path, message: "it has version \(form.fixture), this program reads version \(Fixture.version)"
                )
            }
            return try form.makeFixture()
        } catch let error as FixtureError {
            throw error
        } catch let error as FormError {
            throw FixtureError(path: path, message: Foreign.text(error.message))
        } catch let error as DecodingError {
            throw FixtureError(path: path, message: describe(error))
        } catch {
            throw FixtureError(path: path, message: "it is not a fixture")
        }
    }

    package static func encode(_ fixture: Fixture) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(FixtureForm(fixture))) + [10]
    }

    private static func describe(_ error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String {
            let text = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return text.isEmpty ? "the top level" : Foreign.text(String(text.drop { $0 == "." }))
        }
        func word(for type: any Any.Type) -> String {
            switch type {
            case is String.Type: "a text"
            case is Int.Type, is Double.Type: "a number"
            case is Bool.Type: "true or false"
            default: "\(type)".hasPrefix("Array") ? "a list" : "an object"
            }
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "\(place(context.codingPath)) lacks '\(key.stringValue)'"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            return "\(place(context.codingPath)) should be \(word(for: type))"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "it is not JSON" : "\(place(context.codingPath)) makes no sense"
        @unknown default: return "it is not a fixture"
        }
    }
}

/// A value in a fixture that has the right JSON type and still makes no sense.
struct FormError: Error {
    var message: String
}
