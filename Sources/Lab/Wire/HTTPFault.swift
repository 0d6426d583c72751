/// A fault of the transport or of something between: it does not care which plane it hits.
package enum HTTPFault: Hashable, Sendable {
    case hang
    case resetAtOnce
    case resetInBody
    case drip
    case truncatedBody
    case status(Int)
    /// 200 and no body at all.
    case emptyOK
    case malformed
    /// JSON of another shape: a list where an object belongs.
    case wrongType
    /// Far more than any reader should take: 64 MiB of valid JSON white space before the answer.
    case oversize
    case redirect

    /// The words by which a person names a fault: `hang`, `status:503`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", maxSplits: 1)
        if parts.count == 2, parts[0] == "status", let code = Int(parts[1]), (200...599).contains(code) {
            self = .status(code)
        } else if let simple = HTTPFault.simple[String(text)] {
            self = simple
        } else {
            return nil
        }
    }

    package static let simple: [String: HTTPFault] = [
        "hang": .hang, "reset": .resetAtOnce, "reset-in-body": .resetInBody, "drip": .drip,
        "truncated-body": .truncatedBody, "empty-200": .emptyOK, "malformed-body": .malformed,
        "wrong-type": .wrongType, "oversize": .oversize, "redirect": .redirect,
    ]

    /// What becomes of the right answer.
    func spoil(_ answer: LabAnswer) -> LabAnswer {
        var spoiled = answer
        switch self {
        case .hang: spoiled = .nothing(.never)
        case .resetAtOnce: spoiled = .nothing(.resetAtOnce)
        case .resetInBody: spoiled.delivery = .resetInBody
        case .drip: spoiled.delivery = .drip
        case .truncatedBody: spoiled.delivery = .truncated
        case .status(let code):
            let page = "<html><head><title>\(code)</title></head><body><h1>\(code)</h1></body></html>\n"
            spoiled = LabAnswer(
                status: code, headers: [("content-type", "text/html; charset=UTF-8")], body: Array(page.utf8))
            if code == 429 { spoiled.headers.append(("retry-after", "1")) }
        case .emptyOK: spoiled = LabAnswer(status: 200, headers: [("content-type", "application/json")])
        case .malformed: spoiled.body = Array(#"{"data":[{"id":"lxc/5001","#.utf8)
        case .wrongType: spoiled.body = Array(#"["not","what","was","asked","for"]"#.utf8)
        case .oversize: spoiled.body = [UInt8](repeating: 32, count: 64 << 20) + answer.body
        case .redirect:
            spoiled = LabAnswer(status: 302, headers: [("location", "http://elsewhere.invalid/api2/json/")])
        }
        return spoiled
    }

    /// Whether the request never reaches the plane: nothing is done for it.
    var happensBefore: Bool {
        switch self {
        case .hang, .resetAtOnce, .status, .redirect: true
        case .resetInBody, .drip, .truncatedBody, .emptyOK, .malformed, .wrongType, .oversize: false
        }
    }
}
