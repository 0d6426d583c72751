/// A host name in the form in which sorted lists of them are walked: the number at its end, and what stands before it.
///
/// A host name of ours carries its VMID, so lists in this order and rows in the order of their VMIDs can be walked side by side.
/// Comparing keys touches neither name: integers decide, and what is left of a name is short enough to lie in the key itself.
package struct HostKey: Hashable, Comparable, Sendable {
    package let number: UInt64
    /// The name without its number; where it does not end with one, or that begins with a zero, the whole name and a dot, which
    /// no name ends with. So equal keys are equal names.
    package let stem: String

    package init(_ name: String) { self.init(name[...]) }

    init(_ name: Substring) {
        let bytes = name.utf8
        let digits = min(18, bytes.reversed().prefix { $0 &- 48 < 10 }.count)
        let start = bytes.index(bytes.endIndex, offsetBy: -digits)
        if digits > 0, bytes[start] != 48, let number = UInt64(name[start...]) {
            self.number = number
            stem = String(name[..<start])
        } else {
            number = 0
            stem = String(name) + "."
        }
    }

    package static func < (a: HostKey, b: HostKey) -> Bool {
        a.number != b.number ? a.number < b.number : a.stem < b.stem
    }
}

/// Searching in sorted lists.
package enum Sorted {
    /// The first place in `0..<count` that is not before what is looked for.
    package static func first(in count: Int, isBefore: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
