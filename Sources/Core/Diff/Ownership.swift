/// Whose a record is, by its comment.
package enum Ownership: Equatable, Sendable {
    case ours
    case unmarked
    case foreign

    package init(comment: String?, mark: String) {
        guard let comment, !comment.isEmpty else {
            self = .unmarked
            return
        }
        self = comment == mark ? .ours : .foreign
    }

    /// What the controller writes into the comment of each record that it creates or corrects.
    package static func mark(id: String, vmid: VMID) -> String { "zlh-controller/\(id) \(vmid)" }

    /// The VMID in a mark of this installation, or nil when it is no such mark.
    package static func vmid(inMark comment: String?, id: String) -> VMID? {
        let prefix = "zlh-controller/\(id) "
        guard let comment, comment.hasPrefix(prefix) else { return nil }
        return VMID(comment.dropFirst(prefix.count))
    }
}
