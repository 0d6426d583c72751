/// Whom one look at Proxmox asks about one by one, where more are wanted than it can ask: who was left out comes first in the next
/// round.
///
/// Each of these questions is a request that the endpoint or the guest's own node has to answer. They are asked in the order of the
/// look until its time is over, so that the order is what is fair.
package struct Turns: Equatable, Sendable {
    /// Guests whose addresses one look asks for. The questions about rights and tasks have no such bound: they cost little, and what
    /// they hold is a deed or an absence.
    package static let mostAddresses = 200

    /// After whom the next round goes on; nil where nobody was left out.
    package var suspects: VMID?
    package var addresses: VMID?
    package var tasks: VMID?

    package init(suspects: VMID? = nil, addresses: VMID? = nil, tasks: VMID? = nil) {
        self.suspects = suspects
        self.addresses = addresses
        self.tasks = tasks
    }

    /// Puts the questions of a look into the order in which they are asked. Those that a drift waits for come first, those whose
    /// turn it only is have their room in any case.
    ///
    /// - Returns: who has to wait for a later round to be asked for its addresses.
    func arrange(_ look: inout Look, alsoAddressesOf guests: [VMID]) -> Set<VMID> {
        look.suspects = Turns.inOrder(look.suspects, after: suspects)
        look.tasksOf = Turns.inOrder(look.tasksOf, after: tasks)
        let wanted = Set(look.addressesOf)
        let waiting = Turns.inOrder(look.addressesOf.filter { !guests.contains($0) }, after: addresses)
        let room = max(0, Turns.mostAddresses - guests.count)
        look.addressesOf =
            guests.filter(wanted.contains) + waiting.prefix(room) + guests.filter { !wanted.contains($0) }
        return Set(waiting.dropFirst(room))
    }

    /// Where the next round goes on after a look and what it showed.
    ///
    /// - Parameter guests: those that were asked for their addresses because it was their turn, which is counted elsewhere.
    init(after look: Look, leftOut: Set<VMID>, besides guests: [VMID], _ inventory: Inventory) {
        let waiting = look.addressesOf.filter { !guests.contains($0) }
        suspects = Turns.last(of: look.suspects, isWhole: true) { inventory.probes?[$0] != nil }
        addresses = Turns.last(of: waiting, isWhole: leftOut.isEmpty) { inventory.addresses?[$0] != nil }
        tasks = Turns.last(of: look.tasksOf, isWhole: true) { inventory.knowsTasks(on: $0) }
    }

    /// Guests that come after the last one that was asked for its addresses and answered. Where nobody answered it is no want of time.
    static func unreached(_ look: Look, _ inventory: Inventory) -> Set<VMID> {
        guard let last = look.addressesOf.lastIndex(where: { inventory.addresses?[$0] != nil }) else { return [] }
        return Set(look.addressesOf[(last + 1)...])
    }

    /// By VMID, beginning after one of them, and around.
    static func inOrder(_ vmids: [VMID], after last: VMID?) -> [VMID] {
        let sorted = Set(vmids).sorted()
        guard let last, let first = sorted.firstIndex(where: { $0 > last }) else { return sorted }
        return Array(sorted[first...] + sorted[..<first])
    }

    /// The last one that was answered: those after it were not asked, or do not answer, and a stretch that never does is passed over.
    private static func last(of asked: [VMID], isWhole: Bool, _ isAnswered: (VMID) -> Bool) -> VMID? {
        if isWhole && asked.allSatisfy(isAnswered) { return nil }
        return asked.last(where: isAnswered) ?? asked.last
    }
}

extension Inventory {
    /// Whether the node of a guest said what it runs. One that is not listed has no node to ask.
    fileprivate func knowsTasks(on vmid: VMID) -> Bool {
        guard case .present(let guest, _) = container(vmid, recordedNode: nil) else { return true }
        return foreignTasks(on: guest) != nil
    }
}
