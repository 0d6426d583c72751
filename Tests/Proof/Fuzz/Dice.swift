import World

typealias Dice = Seed

extension Seed {
    /// - Precondition: there is one.
    mutating func one<Value>(of values: [Value]) -> Value { values[below(values.count)] }
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
}
