/// A number for each plane.
package struct PlaneTally: Equatable, Sendable {
    private var counts = [Int](repeating: 0, count: Plane.allCases.count)

    package init() {}

    package subscript(plane: Plane) -> Int {
        get { counts[plane.order] }
        set { counts[plane.order] = newValue }
    }
}
