/// One wording for each fact, used wherever a person reads it.
package enum Words {
    package static func title(_ kind: DriftKind) -> String {
        switch kind {
        case .containerMissing: "container is gone"
        case .containerOrphan: "guest that nobody ordered"
        case .containerIdentityMismatch: "VMID belongs to another guest"
        case .containerStopped: "container is stopped"
        case .containerRunning: "container runs, should be stopped"
        case .containerSuspendedRunning: "suspended customer's container runs"
        case .containerNodeChanged: "runs on another node than recorded"
        case .containerAddressChanged: "has another address than recorded"
        case .containerLocked: "locked for a long time"
        case .agentUnreachable: "agent does not answer"
        case .agentNotReady: "workload is not ready"
        case .agentCrashed: "workload crashed"
        case .publicAMissing: "public address record is missing"
        case .publicAWrong: "public address record is wrong"
        case .publicADuplicate: "more than one public address record"
        case .publicSRVMissing: "public SRV record is missing"
        case .publicSRVWrong: "public SRV record is wrong"
        case .publicSRVDuplicate: "more than one public SRV record"
        case .publicOrphan: "public record of no server"
        case .internalAMissing: "internal address record is missing"
        case .internalAWrong: "internal address record is wrong"
        case .internalADuplicate: "more than one internal address record"
        case .internalSRVMissing: "internal SRV record is missing"
        case .internalSRVWrong: "internal SRV record is wrong"
        case .internalSRVDuplicate: "more than one internal SRV record"
        case .internalOrphan: "internal record of no server"
        case .velocityMissing: "proxy does not know the server"
        case .velocityWrongAddress: "proxy has the wrong address"
        case .velocityGhost: "proxy knows a server that is not there"
        case .operationStale: "operation is dead but not marked so"
        case .operationStuck: "operation never started"
        case .operationUncertain: "operation ended badly and left something"
        case .allocationDuplicateVMID: "two claims to one VMID"
        case .allocationDuplicateHostname: "two claims to one host name"
        case .allocationDuplicateIP: "two claims to one address"
        case .queueStalled: "job is active but nobody works on it"
        case .queueBacklog: "jobs wait too long"
        case .queueNoWorker: "nobody works on the queue"
        }
    }

    /// What a verdict means for the reader. One line, no full stop.
    package static func verdict(_ verdict: Verdict) -> String {
        switch verdict {
        case .repair: "the controller can repair this safely"
        case .approvalRequired: "waits for your approval"
        case .manual: "needs a person"
        case .held: "held back by a guard"
        case .report: "for your information"
        }
    }

    package static func reason(_ reason: Reason) -> String {
        switch reason {
        case .evidenceUnknown: "something that has to be known first is not known"
        case .evidenceStale: "what was observed is too old to act on"
        case .badHostname: "the host name is not one of ours"
        case .identityMismatch: "the guest under this VMID is another one"
        case .causedBy: "it follows from another drift"
        case .foreignRecord: "a record that is not ours is in the way"
        case .addressUnconfirmed: "the server's address is not confirmed"
        case .billingSuppressed: "the customer is suspended"
        case .paused: "repairs are paused"
        case .maintenanceWindow: "a maintenance window denies repairs"
        case .operationInFlight: "an operation is working on this server"
        case .agentBusy: "the agent is busy"
        case .agentNotReady: "the workload is not ready"
        case .proxmoxLocked: "Proxmox holds a lock on the guest"
        case .foreignTask: "somebody else's task works on the guest"
        case .haManaged: "Proxmox HA manages the guest"
        case .contested: "somebody keeps undoing the repair"
        case .quarantined: "the repair failed too often"
        case .massChange: "too many repairs at once: look first"
        case .policyMatched: "a policy allows it"
        case .observeOnly: "it is only reported"
        case .noPolicy: "no policy covers it, so nothing is done"
        case .approvalMissing: "nobody has approved it yet"
        case .approvalExpired: "the approval has expired"
        case .planChanged: "the plan has changed since it was approved"
        case .noAction: "there is no automatic action for it"
        case .personOnly: "only a person may do this"
        }
    }

    package static func unknown(_ reason: Unknown) -> String {
        switch reason {
        case .timeout: "no answer in time"
        case .refused: "connection refused"
        case .unreachable: "not reachable"
        case .connectionLost: "the connection broke"
        case .tls: "TLS failed"
        case .redirected: "answered with a redirect, which is never followed"
        case .unauthorized: "credentials refused"
        case .forbidden: "permission denied"
        case .notFound: "not found"
        case .rateLimited: "rate limited"
        case .rejected: "request rejected"
        case .serverError: "server error"
        case .malformed: "answer makes no sense"
        case .oversize: "answer too large"
        case .emptyListing: "an empty listing is not believed"
        case .partialListing: "the listing is not whole"
        case .changedWhileRead: "it changed while it was read"
        case .noQuorum: "the node has no quorum"
        case .wrongCluster: "another cluster answered"
        case .wrongZone: "another zone answered"
        case .permissionMissing: "the token may not see everything"
        case .canaryMissing: "the canary is not listed"
        case .bulkAbsence: "too many absent at once to believe"
        case .bulkOrphans: "too many without a row to believe"
        case .cutOff: "most do not answer: more likely it is us"
        case .notConfirmed: "seen in one of two looks only"
        case .notRead: "not read"
        case .notSupported: "this version does not observe it"
        case .replica: "a replica answered"
        case .loading: "the server is still starting"
        case .serverRestarted: "the server was restarted between two looks"
        case .queueMissing: "the queue does not exist there"
        case .queuePaused: "the queue is paused"
        case .queueNotListed: "the queue is not among those observed"
        case .unknownLayout: "the queue's layout is not known"
        case .listTooLong: "a list is too long to search"
        case .nodeOffline: "its node is not online"
        case .statusUnknown: "its state is not told"
        case .nameUnknown: "Proxmox does not know its name"
        case .locked: "somebody is working on it (Proxmox lock)"
        case .actedOn: "somebody is acting on it: an operation or a task"
        case .addressUnknown: "its address is not known to be its own"
        case .outsideNetworks: "its address is outside agents.networks, so it was not asked"
        case .unreadableRow: "a database row makes no sense"
        case .contradictoryRows: "several database rows have one identity"
        case .unreadableRecord: "a DNS record makes no sense"
        case .createWithoutVMID: "a create is running that has no VMID yet"
        case .database: "database error"
        case .configuration: "not configured right"
        case .internalFault: "internal fault"
        }
    }

    /// What a fact rests on. Holds no time: equal facts give equal reports.
    package static func evidence(_ evidence: Evidence) -> String {
        let source =
            switch evidence.plane {
            case .database: "desired state, one consistent read"
            case .proxmox where !evidence.isWhole: "cluster inventory"
            case .proxmox: "complete cluster inventory with verified permissions"
            case .agents: "the agent's own answer"
            case .publicDNS: "complete listing of the public zone"
            case .internalDNS: "complete listing of the internal zone"
            case .velocity: "the proxy's list of servers"
            case .queues: "the queue's keys in Redis"
            }
        return evidence.looks > 1 ? "\(source), \(evidence.looks) looks" : source
    }
}
