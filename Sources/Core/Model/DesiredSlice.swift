/// What the rows under one VMID decide: a round would come to the same as long as this is the same.
///
/// The database tells of each phase that an operation enters. That there is one says that work has begun; which one it is decides nothing.
package struct DesiredSlice: Equatable, Sendable {
    private struct Work: Equatable, Sendable {
        let id: String
        let key: String?
        let enqueuedAt: Timestamp
        let kind: DesiredOperation.Kind
        let customer: String?
        let job: JobReference
        let status: DesiredOperation.Status
        let hasPhase: Bool
        let attempts: Int
    }

    private let instances: [DesiredInstance]
    /// Of each instance's customer.
    private let billing: [BillingRow?]
    private let operations: [Work]
    private let retired: [RetiredInstance]
    private let unreadable: [UnreadableRow]

    /// - Parameter state: the whole of it, or what there is under this VMID.
    package init(_ vmid: VMID, in state: DesiredState) {
        let rows = state.rows(under: vmid)
        instances = Array(state.instances[rows])
        billing = rows.map { state.billing(of: $0) }
        operations = state.operations.filter { $0.vmid == vmid }.map { operation in
            Work(
                id: operation.id, key: operation.idempotencyKey, enqueuedAt: operation.enqueuedAt, kind: operation.kind,
                customer: operation.customer, job: operation.job,
                status: operation.status, hasPhase: operation.phase != nil, attempts: operation.attempts)
        }
        retired = state.retired.filter { $0.vmid == vmid }
        unreadable = state.unreadable.filter { $0.vmid == vmid }
    }
}
