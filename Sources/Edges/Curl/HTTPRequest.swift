package import Core

/// One request. Nothing is added to it but `Host`, `User-Agent` and, with a body, `Content-Length`.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package struct Header: Sendable {
        package var name: String
        package var value: Secret<String>

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = Secret(value)
        }

        package init(_ name: String, _ value: Secret<String>) {
            self.name = name
            self.value = value
        }
    }

    package var method: Method
    package var url: String
    package var headers: [Header]
    package var body: [UInt8]?
    /// From the call of `send` to the last byte of the answer.
    package var timeout: Span
    /// For name lookup, TCP and TLS together; at most `timeout`.
    package var connectTimeout: Span
    /// Bytes; a longer answer is cut off and reported as `oversize`.
    package var maxBody: Int
    /// Who asks. Some services refuse whoever does not name itself in their way.
    package var userAgent = "zlh-controller"

    package init(
        _ method: Method = .get, _ url: String, headers: [Header] = [], body: [UInt8]? = nil, timeout: Span,
        connectTimeout: Span? = nil, maxBody: Int = 1 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = min(connectTimeout ?? timeout, timeout)
        self.maxBody = maxBody
    }
}

extension HTTPRequest {
    /// Refuses what could smuggle a second request or a credential: control characters, blanks, user names in the
    /// URL, and the headers by which a message is framed.
    func check() throws(HTTPFailure) {
        guard let authority = HTTPRequest.authority(of: url) else {
            throw HTTPFailure(.configuration, "the URL has to be http:// or https:// with a host, in printable ASCII")
        }
        guard !authority.contains(64) else {
            throw HTTPFailure(.configuration, "the URL carries a user name: credentials belong in a header")
        }
        guard userAgent.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) else {
            throw HTTPFailure(.configuration, "the user agent holds a control character")
        }
        for header in headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(HTTPRequest.isTokenByte) else {
                throw HTTPFailure(.configuration, "a header has a name that HTTP does not allow")
            }
            guard !HTTPRequest.framing.contains(header.name.lowercased()) else {
                throw HTTPFailure(.configuration, "the header \(header.name) is not the caller's to set")
            }
            // A tab is allowed by RFC 9110 section 5.5; CR, LF, NUL and the other controls are not.
            guard header.value.reveal().utf8.allSatisfy({ $0 == 9 || ($0 >= 32 && $0 != 127) }) else {
                throw HTTPFailure(.configuration, "the value of header \(header.name) holds a control character")
            }
        }
    }

    /// Host and port of an absolute http or https URL; nil for anything else.
    private static func authority(of url: String) -> Substring.UTF8View? {
        let bytes = url.utf8
        guard bytes.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 92 }) else { return nil }
        let scheme = ["http://", "https://"].first { scheme in
            bytes.count > scheme.utf8.count && zip(bytes, scheme.utf8).allSatisfy { isSame($0, as: $1) }
        }
        guard let scheme else { return nil }
        let authority = bytes.dropFirst(scheme.utf8.count).prefix { $0 != 47 && $0 != 63 && $0 != 35 }
        return authority.isEmpty || authority.first == 58 ? nil : authority
    }

    private static func isSame(_ byte: UInt8, as lower: UInt8) -> Bool {
        byte == lower || (byte &- 65 < 26 && byte | 32 == lower)
    }

    /// Whether the host is an IPv4 address, for which nothing has to be looked up.
    var hasNumericHost: Bool {
        HTTPRequest.authority(of: url)?.prefix { $0 != 58 }.allSatisfy { $0 == 46 || $0 &- 48 < 10 } ?? false
    }

    private static let framing: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "expect", "te", "trailer", "upgrade", "cookie",
        "accept-encoding", "user-agent",
    ]

    /// RFC 9110 section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        case 33, 35, 36, 37, 38, 39, 42, 43, 45, 46, 94, 95, 96, 124, 126: true
        default: false
        }
    }
}
