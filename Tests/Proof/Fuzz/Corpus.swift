package import Foundation

/// The inputs that mutation begins with, one folder for each decoder.
package enum Corpus {
    package struct Input: Sendable {
        package var name: String
        package var bytes: [UInt8]
    }

    /// Sorted by name.
    package static func load(_ decoder: Decoder, from folder: URL) throws -> [Input] {
        let place = folder.appendingPathComponent(decoder.rawValue)
        return try FileManager.default.contentsOfDirectory(atPath: place.path).filter { !$0.hasPrefix(".") }.sorted()
            .map { Input(name: $0, bytes: [UInt8](try Data(contentsOf: place.appendingPathComponent($0)))) }
    }
}
