/// What a change of the edge rests on in the database. Asked in the transaction of the claim, and again after the act: a server
/// that was deleted, suspended or changed meanwhile is not published.
package struct EdgeGrounds: Equatable, Sendable {
    package let key: InstanceKey
    package let change: EdgeChange
    /// Operations that are called live and are not, as they were judged: they own no instance any more.
    package let dead: [DesiredOperation]

    package init(key: InstanceKey, change: EdgeChange, dead: [DesiredOperation]) {
        self.key = key
        self.change = change
        self.dead = dead
    }

    /// Why the change may not begin now; nil when it may.
    ///
    /// - Parameter desired: every row, operation and pause that names the VMID, host name or address, and their billing.
    package func obstacle(_ desired: DesiredState, settings: PipelineSettings) -> String? {
        if let why = pause(desired) { return why }
        // One that its worker has touched since is not the one that was judged.
        let busy = desired.operations.first { $0.isLive && $0.vmid == key.vmid && !dead.contains($0) }
        if let busy { return "\(busy.kind.rawValue) \(busy.id) is \(busy.status.rawValue) and owns the instance" }
        return fall(desired, settings: settings)
    }

    /// Why nothing may be changed at this moment; nil when it may. Which pauses have not ended is said by whoever was asked for
    /// them: by the clock of this host one might be over that is not.
    package func pause(_ desired: DesiredState) -> String? {
        desired.pauses.first { $0.vmid == nil || $0.vmid == key.vmid }.map {
            "it is paused by \($0.by)"
        }
    }

    /// What the database says of it after the act.
    package func answer(_ desired: DesiredState, settings: PipelineSettings) -> EdgeSaga.Answer {
        guard let why = fall(desired, settings: settings), !isWantedByAnother(desired, settings) else { return .stands }
        if let doubt = uncertainty(desired, settings) { return .unclear(doubt) }
        if let pause = pause(desired) { return .held("\(why), and \(pause)") }
        switch server(desired, settings) {
        case .wanted, .replaced, .unknown: return .replaced(why)
        case .fallen: return .fallen(why)
        }
    }

    /// Why what was published may not be taken back now; nil when it may.
    package func obstacleToUndo(_ desired: DesiredState, settings: PipelineSettings) -> String? {
        switch answer(desired, settings: settings) {
        case .fallen, .replaced: nil
        case .held(let why), .unclear(let why): why
        default: "it is wanted again"
        }
    }

    /// Whether another row under the VMID is wanted and wants exactly this: to take it back would break that one.
    private func isWantedByAnother(_ desired: DesiredState, _ settings: PipelineSettings) -> Bool {
        desired.rows(under: key.vmid).map { desired.instances[$0].key }.contains {
            $0 != key && EdgeGrounds(key: $0, change: change, dead: dead).fall(desired, settings: settings) == nil
        }
    }

    /// Why nobody can say whether a row under the VMID wants it: what cannot be understood takes nothing back.
    private func uncertainty(_ desired: DesiredState, _ settings: PipelineSettings) -> String? {
        let keys = [key] + desired.rows(under: key.vmid).map { desired.instances[$0].key }
        for key in keys {
            let grounds = EdgeGrounds(key: key, change: change, dead: dead)
            if case .unknown(let why) = grounds.server(desired, settings) { return why }
        }
        return nil
    }

    /// Why it is not wanted any more; nil when it still is.
    package func fall(_ desired: DesiredState, settings: PipelineSettings) -> String? {
        switch server(desired, settings) {
        case .fallen(let why), .replaced(let why), .unknown(let why): why
        case .wanted(let row): changed(row, settings)
        }
    }

    /// What has become of the server, whatever was changed for it.
    private enum Server {
        case wanted(DesiredInstance)
        /// Nobody would look again at what was changed for it.
        case fallen(String)
        /// Something under its VMID is wanted all the same, and must not wait: what is left of the change is compared, or reported, or
        /// is right for as long as it is there.
        case replaced(String)
        /// A row that says so cannot be understood.
        case unknown(String)
    }

    private func server(_ desired: DesiredState, _ settings: PipelineSettings) -> Server {
        if desired.unreadable.contains(where: { $0.vmid == nil || $0.vmid == key.vmid }) {
            return .unknown("a row that it rests on cannot be understood")
        }
        let places = desired.instances.indices.filter { desired.instances[$0].key.externalID == key.externalID }
        if places.count > 1 { return .unknown("two rows have its identity") }
        guard let place = places.first, desired.instances[place].vmid == key.vmid else {
            let why = "the instance is not desired any more, or is another one"
            // Of a row that is deleted, has failed, or whose customer is suspended, no records are compared or reported.
            let standings = Expectation(desired, settings: settings).standings
            let isWanted = desired.rows(under: key.vmid).contains { standings[$0].expectsEdge }
            return isWanted ? .replaced(why) : .fallen(why)
        }
        let row = desired.instances[place]
        let expectation = Expectation(desired, settings: settings)
        switch expectation.standings[place] {
        case .live(let power):
            guard case .backend(let change) = change, power != .running else { break }
            let why = "the server is to be stopped"
            // The backend of a server at rest is no ghost, while its address is its own.
            let isItsOwn = row.address == change.wanted.address && claimed(row, place, expectation, settings) == nil
            return isItsOwn ? .replaced(why) : .fallen(why)
        case .suppressed(let why): return .fallen(why.description)
        case .billingUnknown: return .unknown("its billing row cannot be understood")
        case .claimed, .failed: return .fallen("the instance is \(row.status.rawValue)")
        case .contradictory: return .unknown("two rows have its identity")
        case .excluded: return .fallen("the instance is outside scope")
        }
        if let why = claimed(row, place, expectation, settings) { return .fallen(why) }
        return settings.scope.accepts(hostname: row.hostname, of: row)
            ? .wanted(row) : .fallen("host name '\(row.hostname)' is not one that scope gives to this instance")
    }

    private func claimed(
        _ row: DesiredInstance, _ place: Int, _ expectation: Expectation, _ settings: PipelineSettings
    ) -> String? {
        let host = HostName.canonical(row.hostname, zone: settings.zone)
        let rows = expectation.desired.instances
        for other in rows.indices where other != place && expectation.standings[other].claims {
            if rows[other].vmid == row.vmid { return "another row claims VMID \(row.vmid)" }
            if HostName.canonical(rows[other].hostname, zone: settings.zone) == host {
                return "another row claims host name '\(host)'"
            }
        }
        if case .backend = change, let address = row.address, expectation.sharedAddresses.contains(address) {
            return "another row claims address \(address)"
        }
        return nil
    }

    private func changed(_ row: DesiredInstance, _ settings: PipelineSettings) -> String? {
        let isSame =
            switch change {
            // Name and value: with another TTL or other former edges in the configuration it is the same record.
            case .record(let change):
                EdgeWish.rules(for: row, in: change.rule.plane, settings: settings).contains {
                    $0.name == change.rule.name && $0.wanted == change.rule.wanted
                }
            case .backend(let change): EdgeWish.backend(for: row, settings: settings) == change.wanted
            }
        return isSame ? nil : "the database wants something else there now"
    }
}
