internal import Glibc

/// Copies of texts as C wants them, for as long as this value lives.
@safe final class CStrings {
    let pointers: [UnsafePointer<CChar>?]

    init(_ texts: [String?]) {
        unsafe pointers = texts.map { text in unsafe text.flatMap { unsafe UnsafePointer(strdup($0)) } }
    }

    deinit {
        for index in unsafe pointers.indices { unsafe free(UnsafeMutablePointer(mutating: pointers[index])) }
    }

    subscript(index: Int) -> UnsafePointer<CChar>? { unsafe pointers[index] }
}

enum Environment {
    static func value(_ name: UnsafePointer<CChar>) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
