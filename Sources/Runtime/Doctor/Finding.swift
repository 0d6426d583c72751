package import Core

/// One thing that `doctor` looked at.
package struct Finding: Equatable, Sendable {
    package enum Status: String, CaseIterable, Sendable { case ok, warn, fail }

    /// Nil for what is not looked at to compare it with anything.
    package var plane: Plane?
    /// The plane's name, or that of the other thing.
    package var part: String
    package var status: Status
    package var what: String
    /// What becomes of it; nil when all is well.
    package var why: String?
    /// What to do; nil when there is nothing to do.
    package var remedy: String?

    /// - Parameter why: nil for what follows from any trouble with this plane.
    package init(_ plane: Plane, _ status: Status, _ what: String, why: String? = nil, remedy: String? = nil) {
        self.init(part: plane.rawValue, status, what, why: why ?? Finding.consequence(plane), remedy: remedy)
        self.plane = plane
    }

    package init(part: String, _ status: Status, _ what: String, why: String? = nil, remedy: String? = nil) {
        (self.part, self.status, self.what, self.remedy) = (part, status, what, remedy)
        self.why = status == .ok ? nil : why
    }

    /// What it means that something is wrong with a plane.
    private static func consequence(_ plane: Plane) -> String {
        switch plane {
        case .database: "the database says what should be: without it nothing is compared, and nothing repaired"
        case .proxmox:
            "what is not known of guests is unknown: none is called missing, and repairs that rest on one are held"
        case .agents:
            "of a server whose agent is not heard nobody knows the workload, and no backend is registered for it"
        case .publicDNS, .internalDNS:
            "a zone that is not seen whole is unknown: no record is called missing, and none is repaired"
        case .velocity:
            "what the proxy knows is unknown: no backend is called missing or a ghost, and none is registered"
        case .queues: "without the queues nobody knows which operations are dead: none of them is cleared"
        }
    }
}
