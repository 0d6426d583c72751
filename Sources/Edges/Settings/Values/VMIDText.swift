package import Core

/// Which VMIDs a scoped go-live is about.
package enum VMIDSelection: Equatable, Sendable {
    case all
    case ranges([ClosedRange<Int>])

    package func contains(_ vmid: VMID) -> Bool {
        switch self {
        case .all: true
        case .ranges(let ranges): ranges.contains { $0.contains(Int(vmid.number)) }
        }
    }
}

extension Field {
    /// `5000-5999` or a single number.
    func vmidRange() -> ClosedRange<Int>? {
        guard let text = text("VMIDs such as 5000-5999") else { return nil }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
            $0.trimmingSpaces
        }
        let numbers = ends.compactMap { VMID($0) }.map { Int($0.number) }
        guard numbers.count == ends.count, let first = numbers.first, let last = numbers.last else {
            problem(
                "`\(shown(text))` is not a range of VMIDs; write it as 5000-5999 (from \(VMID.range.lowerBound)"
                    + " to \(VMID.range.upperBound))")
            return nil
        }
        guard first <= last else {
            problem("`\(shown(text))` ends before it begins; did you mean \(last)-\(first)?")
            return nil
        }
        return first...last
    }

    func vmid() -> VMID? {
        integer("a VMID", in: VMID.range).flatMap { VMID($0) }
    }

    /// `"*"`, one range, or a list of ranges and numbers.
    func vmidSelection() -> VMIDSelection? {
        if case .scalar("*", _) = value.content { return .all }
        if case .list = value.content {
            return list(of: "VMIDs such as 5001 or 5000-5999", orEmpty: false) { $0.vmidRange() }
                .map(VMIDSelection.ranges)
        }
        return vmidRange().map { .ranges([$0]) }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var result = self
        while result.first == " " { result.removeFirst() }
        while result.last == " " { result.removeLast() }
        return result
    }
}
