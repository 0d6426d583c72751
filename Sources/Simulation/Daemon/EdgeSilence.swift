import Core
import World

/// Services of the edge that answer nobody for a while, longer than an attempt waits for them.
struct EdgeSilence {
    var planes: Set<Plane>
    var until: Timestamp
}

extension DaemonSimulation {
    func isSilent(_ plane: Plane) -> Bool {
        silence.map { $0.planes.contains(plane) && $0.until > now } ?? false
    }

    /// Whether any of them is.
    var isSilent: Bool { silence.map { $0.until > now } ?? false }

    /// When everything can be read again: nothing comes to rest before.
    var audibleAt: Timestamp { silence.map { max($0.until, calmAt) } ?? calmAt }

    /// By chance: the service that has just done something falls silent, and its server is wanted no more before anybody can look.
    mutating func fallSilent(after grounds: EdgeGrounds) {
        guard script == nil, !isCalm, silence == nil, hasSilence, silences.chance(percent: 40) else { return }
        let span = Span.minutes(Int64(31 + silences.below(15)))
        silence = EdgeSilence(planes: [grounds.change.plane], until: now + span)
        note("\(grounds.change.plane.rawValue) is silent for \(span)")
        guard silences.chance(percent: 70) else { return }
        if let what = EdgeMischief.drop(grounds, from: &estate, &silences) { note("meanwhile \(what)") }
    }

    /// The script's: all of them, before an I/O.
    mutating func fallSilent(for span: Span) {
        note("the edge is silent for \(span)")
        silence = EdgeSilence(planes: [.publicDNS, .internalDNS, .velocity], until: now + span)
    }
}

extension EdgeMischief {
    /// Nobody wants the server any more.
    static func drop(_ grounds: EdgeGrounds, from estate: inout Estate, _ chance: inout Seed) -> String? {
        guard let row = estate.instances.first(where: { $0.key == grounds.key }) else { return nil }
        guard let customer = row.customer, chance.chance(percent: 75) else {
            estate.instances.removeAll { $0.key == grounds.key }
            return "the row of \(grounds.key.vmid) is deleted"
        }
        estate.billing.removeAll { $0.customer == customer }
        estate.billing.append(BillingRow(customer: customer, status: .suspended, serverState: .allowed))
        return "\(customer) is suspended"
    }
}
