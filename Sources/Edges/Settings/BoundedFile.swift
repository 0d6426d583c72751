import Foundation

/// Reads a whole file up to a bound, so that a wrong path (a device, a disk image) cannot fill the memory.
enum BoundedFile {
    struct Failure: Error {
        /// For a person; holds nothing of the content.
        var message: String
        var isMissing: Bool
    }

    /// - Parameter limit: in bytes. A longer file is a failure, not a truncation.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        // The open below decides. This only gives a plainer message for the commonest slip.
        if isFolder(path) == true {
            throw Failure(message: "is a folder, not a file", isMissing: false)
        }
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            var bytes: [UInt8] = []
            // A pipe gives what it has: one read is not all.
            while bytes.count <= limit, let more = try handle.read(upToCount: limit + 1 - bytes.count), !more.isEmpty {
                bytes.append(contentsOf: more)
            }
            try handle.close()
            guard bytes.count <= limit else {
                throw Failure(message: "is larger than \(limit / 1024) KiB", isMissing: false)
            }
            return bytes
        } catch let failure as Failure {
            throw failure
        } catch let error as CocoaError {
            switch error.code {
            case .fileNoSuchFile, .fileReadNoSuchFile: throw Failure(message: "does not exist", isMissing: true)
            case .fileReadNoPermission:
                throw Failure(message: "may not be read by this user (check owner and mode)", isMissing: false)
            default: throw Failure(message: "cannot be read", isMissing: false)
            }
        } catch {
            throw Failure(message: "cannot be read", isMissing: false)
        }
    }

    /// Nil when there is nothing at `path`.
    static func isFolder(_ path: String) -> Bool? {
        var isDirectory: ObjCBool = false
        // The pointer lives for the call alone.
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return nil }
        return isDirectory.boolValue
    }

    /// `path` as seen from `folder`.
    static func resolve(_ path: String, in folder: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty { return path }
        return folder.hasSuffix("/") ? folder + path : folder + "/" + path
    }

    /// The folder of a file's path: `.` when it names none.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
