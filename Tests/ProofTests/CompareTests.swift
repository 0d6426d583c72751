import Core
import Proof
import Testing

/// The short run of `make compare`.
@Suite struct CompareTests {
    @Test func equalThingsInOtherClothesAreNoDrift() {
        var comparison = Comparison()
        comparison.run(fields: 150_000, seed: 1)
        print("compare: \(comparison.fields) fields in \(comparison.rounds) rounds")
        #expect(comparison.fields >= 150_000)
        #expect(comparison.falseDrifts == [])
    }

    @Test("What really differs is found", arguments: ComparedField.allCases)
    func control(_ field: ComparedField) throws {
        #expect(try Comparison.found(spoiling: field, seed: 7).contains(field.drift))
    }
}
