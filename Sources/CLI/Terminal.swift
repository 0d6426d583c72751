import Core
import Foundation
import Glibc

/// The streams of the process: data on stdout, everything else on stderr.
enum Terminal {
    static var usesColor: Bool {
        // https://no-color.org: present and not empty, whatever its value.
        let asksForNone = !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        let isDumb = ProcessInfo.processInfo.environment["TERM"] == "dumb"
        return isatty(STDOUT_FILENO) == 1 && !asksForNone && !isDumb
    }

    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    static func tell(_ line: String) { write(Array((line + "\n").utf8), to: STDERR_FILENO) }

    /// Moves the cursor; only for a terminal.
    static func control(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

    /// Writes all of it or says why not: a report that is cut off would look like a smaller one.
    static func output(_ bytes: [UInt8], file: String?) throws {
        guard let file else {
            guard write(bytes, to: STDOUT_FILENO) else {
                throw Failure("stdout: the report could not be written whole")
            }
            return
        }
        try OutputFile(path: file).write(bytes)
    }

    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
