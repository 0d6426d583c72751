package import Core

/// One thing that `doctor` looked at.
package struct Finding: Equatable, Sendable {
    package enum Status: String, Sendable { case good, warning, bad }

    /// Nil for what is not looked at to compare it with anything.
    package var plane: Plane?
    /// The plane's name, or that of the other thing.
    package var part: String
    package var status: Status
    package var what: String
    /// What to do; nil when there is nothing to do.
    package var remedy: String?

    package init(_ plane: Plane, _ status: Status, _ what: String, remedy: String? = nil) {
        self.plane = plane
        part = plane.rawValue
        self.status = status
        self.what = what
        self.remedy = remedy
    }

    package init(part: String, _ status: Status, _ what: String, remedy: String? = nil) {
        (self.part, self.status, self.what, self.remedy) = (part, status, what, remedy)
    }
}
