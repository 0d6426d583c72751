package import Core

/// One thing that `doctor` looked at.
package struct Finding: Equatable, Sendable {
    package enum Status: String, Sendable { case good, warning, bad }

    package var plane: Plane
    package var status: Status
    package var what: String
    /// What to do; nil when there is nothing to do.
    package var remedy: String?

    package init(_ plane: Plane, _ status: Status, _ what: String, remedy: String? = nil) {
        self.plane = plane
        self.status = status
        self.what = what
        self.remedy = remedy
    }
}
