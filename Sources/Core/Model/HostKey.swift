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
        let utf8 = name.utf8
        if let (start, number) = HostKey.number(endingIn: utf8.span) {
            self.number = number
            stem = String(Substring(utf8.prefix(start)))
        } else {
            number = 0
            stem = String(name) + "."
        }
    }

    /// The decimal number of at most 18 digits that `text` ends with, and where it begins; nil when that is with a zero.
    private static func number(endingIn text: Swift.Span<UInt8>) -> (start: Int, number: UInt64)? {
        var start = text.count
        var number: UInt64 = 0
        var worth: UInt64 = 1
        while start > 0, text.count - start < 18, text[start - 1] &- 48 < 10 {
            start -= 1
            number += UInt64(text[start] - 48) * worth
            worth *= 10
        }
        return start < text.count && text[start] != 48 ? (start, number) : nil
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
