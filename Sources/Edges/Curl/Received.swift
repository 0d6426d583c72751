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
        var line = unsafe bytes[...]
        while let last = unsafe line.last, last == 10 || last == 13 { unsafe line = line.dropLast() }
        if unsafe line.starts(with: Received.protocolName) {
            // A second status line follows an interim answer (1xx), which counts for nothing.
            headers.removeAll()
            isHeadComplete = false
            let parts = unsafe line.split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
            status = unsafe parts.count > 1 ? Int(String(decoding: parts[1], as: UTF8.self)) ?? 0 : 0
            reason = unsafe parts.count > 2 ? String(decoding: parts[2], as: UTF8.self) : ""
        } else if unsafe line.isEmpty {
            isHeadComplete = true
        } else if !isHeadComplete {
            unsafe headers.append(line: line)
        }
        // What comes after the head is a trailer of a chunked body: nothing here reads any.
        return true
    }

    private static let protocolName = Array("HTTP/".utf8)

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
}
