import Core

/// What a process holds that knows a whole fleet: desired state and every plane, judged, and the plan made from them.
enum MemoryBench {
    /// Has to run first: what else this process has done would count.
    static func run(instances: Int) -> [Figure] {
        let before = Meter.residentMegabytes()
        let facts = BigFleet(instances).facts()
        let (_, findings) = Diff.run(facts, settings: BigFleet.settings)
        // The answers that the facts were judged from are gone; what the allocator keeps of them counts.
        let after = Meter.residentMegabytes()
        precondition(findings.hasDrift.count == instances, "the facts are alive while they are measured")
        return [
            Figure(
                name: "resident at \(Figure.text(Double(instances))) instances", value: after, unit: .megabytes,
                goal: 200, floor: before, floorIs: "this process without a fleet")
        ]
    }
}
