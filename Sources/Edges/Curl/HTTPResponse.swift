/// The answer as it came: redirects are not followed, nothing is unpacked.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// What stands after the code in the status line: foreign text, to be cleaned before it is shown.
    package var reason: String
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(status: Int, reason: String = "", headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
    }
}

/// Header fields in the order of arrival.
package struct HTTPHeaders: Sendable {
    package private(set) var fields: [(name: String, value: String)] = []

    package init() {}

    package mutating func append(_ name: String, _ value: String) { fields.append((name, value)) }

    /// The first field of that name, whatever its case.
    package subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    mutating func removeAll() { fields.removeAll(keepingCapacity: true) }

    /// Adds a folded line (RFC 9112 section 5.2) to the field before it.
    mutating func fold(_ text: String) {
        guard !fields.isEmpty else { return }
        fields[fields.count - 1].value += " " + text
    }
}
