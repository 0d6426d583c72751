import Core
import Curl

/// One column of a database row, one word of the lock or of the leadership row: what is read as a value is that value's text, in one
/// of its spellings.
enum ValueProof {
    static func outcome(_ bytes: [UInt8]) -> Decoder.Outcome {
        let text = String(decoding: bytes, as: UTF8.self)
        var isRead = false
        if let vmid = VMID(utf8: bytes.span) {
            guard vmid.description == text, VMID.range.contains(Int(vmid.number)) else { return .violated("a VMID") }
            isRead = true
        }
        if let id = ExternalID(utf8: bytes.span) {
            guard id.description == text.lowercased() else { return .violated("a UUID") }
            isRead = true
        }
        if let address = DNSName.ipv4(utf8: bytes.span) {
            let parts = [24, 16, 8, 0].map { String(address >> UInt32($0) & 255) }
            guard parts.joined(separator: ".") == text else { return .violated("an address") }
            isRead = true
        }
        if let moment = Timestamp(rfc3339: bytes.span) {
            let said = moment.description
            // It says whole seconds, and has no form for a year that an offset pushed out of 0000 to 9999.
            let again = said.utf8.count == 20 && !said.hasPrefix("-") ? Timestamp(rfc3339: said) : nil
            if let again, moment < again || moment - again >= .seconds(1) { return .violated("a time: \(moment)") }
            if again == nil, said.utf8.count == 20, !said.hasPrefix("-") { return .violated("a time: \(moment)") }
            isRead = true
        }
        if let moment = DateHeader.read(text) {
            // A second of 60 is the next minute's first.
            let isPlain = text.contains(moment.description.dropFirst(11).prefix(8))
            guard isPlain && text.contains(moment.description.prefix(4)) || text.contains(":60") else {
                return .violated("a date: \(moment)")
            }
            isRead = true
        }
        if let token = LockToken(text) {
            guard LockToken(token.text) == token, token.text.lowercased() == text.lowercased() else {
                return .violated("a lock")
            }
            isRead = true
        }
        if let stance = Stance(text) {
            guard Stance(stance.text) == stance else { return .violated("a stance") }
            isRead = true
        }
        return isRead ? .read : .refused
    }
}
