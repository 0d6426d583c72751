import Core
import Foundation

/// Decodes an answer that is one whole, well-formed document, and no other.
enum WholeJSON {
    struct Malformed: Error {}

    static func decode<Value: Decodable>(_ type: Value.Type, _ body: [UInt8]) throws -> Value {
        guard JSONGrammar.accepts(body) else { throw Malformed() }
        return try JSONDecoder().decode(type, from: Data(body))
    }
}
