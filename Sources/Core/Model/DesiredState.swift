/// All that should be true, from one `repeatable read, read only` transaction.
package struct DesiredState: Equatable, Sendable {
    /// Sorted by ``InstanceKey``.
    package let instances: [DesiredInstance]
    package let operations: [DesiredOperation]
    package let billing: [BillingRow]
    package let retired: [RetiredInstance]
    package let unreadable: [UnreadableRow]
    package let pauses: [Pause]
    package let accepted: [Acceptance]
    package let readAt: Timestamp
    package let past: DriftPast
    /// The joins that need no settings.
    package let index: DesiredIndex

    package init(
        instances: [DesiredInstance], operations: [DesiredOperation], billing: [BillingRow], retired: [RetiredInstance],
        unreadable: [UnreadableRow], pauses: [Pause], accepted: [Acceptance], readAt: Timestamp,
        past: DriftPast = DriftPast()
    ) {
        self.init(
            InstanceRoll(instances, billing: billing), operations: operations, retired: retired, unreadable: unreadable,
            pauses: pauses, accepted: accepted, readAt: readAt, past: past)
    }

    /// The instances and billing of `roll`.
    package init(
        _ roll: InstanceRoll, operations: [DesiredOperation], retired: [RetiredInstance],
        unreadable: [UnreadableRow], pauses: [Pause], accepted: [Acceptance], readAt: Timestamp,
        past: DriftPast = DriftPast()
    ) {
        let roll = roll.sorted()
        instances = roll.rows
        billing = roll.billing
        index = DesiredIndex(roll, retired: retired)
        self.operations = operations
        self.retired = retired
        self.unreadable = unreadable
        self.pauses = pauses
        self.accepted = accepted
        self.readAt = readAt
        self.past = past
    }

    /// The row's customer as billing knows them; nil without a customer, or where billing does not know them.
    package func billing(of row: Int) -> BillingRow? {
        let place = Int(index.billing[row])
        return place < 0 ? nil : billing[place]
    }

    /// Whether nothing has changed that anything is held against. Signs of life of operations do not count, nor which phase one is in:
    /// see ``DesiredSlice``.
    func wants(sameAs other: DesiredState) -> Bool {
        func isSame(_ one: DesiredOperation, _ two: DesiredOperation) -> Bool {
            one.id == two.id && one.vmid == two.vmid && one.status == two.status
                && (one.phase == nil) == (two.phase == nil)
        }
        return instances == other.instances && billing == other.billing && retired == other.retired
            && operations.elementsEqual(other.operations, by: isSame)
    }

    /// The rows under a VMID.
    package func rows(under vmid: VMID) -> Range<Int> {
        let low = Sorted.first(in: instances.count) { instances[$0].vmid < vmid }
        var high = low
        while high < instances.count, instances[high].vmid == vmid { high += 1 }
        return low..<high
    }
}
