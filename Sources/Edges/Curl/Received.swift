/// What has arrived of one answer, within its bounds.
struct Received {
    /// All header lines of one transfer together, and how many: no server this program talks to comes near either.
    static let maxHeaderBytes = 64 << 10
    static let maxHeaderLines = 256

    let maxBody: Int
    private(set) var status = 0
    private(set) var reason = ""
    private(set) var headers = HTTPHeaders()
    private(set) var body: [UInt8] = []
    private(set) var isOversize = false
    private(set) var hasAny = false
    private var headerBytes = 0
    private var headerLines = 0
    /// Whether the empty line after the headers has come: libcurl calls an answer good that ends before it.
    private(set) var isHeadComplete = false

    init(maxBody: Int) { self.maxBody = maxBody }

    /// Takes one header line as libcurl hands it over, line end included; false to give the transfer up.
    mutating func take(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        hasAny = true
        headerBytes += bytes.count
        headerLines += 1
        guard headerBytes <= Received.maxHeaderBytes, headerLines <= Received.maxHeaderLines else {
            isOversize = true
            return false
        }
        var text = unsafe String(decoding: bytes, as: UTF8.self)
        while let last = text.utf8.last, last == 10 || last == 13 { text.unicodeScalars.removeLast() }
        if text.hasPrefix("HTTP/") {
            // A second status line follows an interim answer (1xx), which counts for nothing.
            headers.removeAll()
            isHeadComplete = false
            let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
            reason = parts.count > 2 ? String(parts[2]) : ""
        } else if text.isEmpty {
            isHeadComplete = true
        } else if isHeadComplete {
            // A trailer of a chunked body: nothing here reads any.
        } else if text.hasPrefix(" ") || text.hasPrefix("\t") {
            headers.fold(trimmed(text[...]))
        } else if let colon = text.firstIndex(of: ":") {
            headers.append(String(text[..<colon]), trimmed(text[text.index(after: colon)...]))
        }
        return true
    }

    /// Takes a piece of the body; false to give the transfer up.
    mutating func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        hasAny = true
        guard bytes.count <= maxBody - body.count else {
            isOversize = true
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    private func trimmed(_ text: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }
}
