/// What never came about.
package struct NeverCame: Error, CustomStringConvertible {
    package let description: String
}

/// Asks again until it is so: for what another process, or the server, does in its own time. The bound is for a machine under
/// load; whoever meets it has failed.
///
/// - Returns: how long it took.
@discardableResult
package func eventually(
    _ what: String = "what the test waits for", file: String = #fileID, line: Int = #line,
    _ isSo: () async throws -> Bool
) async throws -> Duration {
    let start = ContinuousClock.now
    while ContinuousClock.now < start + .seconds(60) {
        if try await isSo() { return ContinuousClock.now - start }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw NeverCame(description: "\(file):\(line): never: \(what)")
}
