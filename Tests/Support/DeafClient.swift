/// Asks over one connection, again and again, and reads no answer: what is on its way to it fills up, and stays.
package final class DeafClient: Sendable {
    private static let script = """
        exec 3<>/dev/tcp/127.0.0.1/$1 || exit 1
        asked=0
        while printf 'GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&3; do
            asked=$((asked + 1))
            if [ $((asked % 100)) = 0 ]; then echo $asked; fi
        done
        """

    private let child: Child

    package init(port: Int) throws {
        child = try Child("/bin/bash", ["-c", Self.script, "deaf", "\(port)"])
    }

    /// Returns once nobody takes its requests any more.
    package func fillUp() async throws {
        var last = ""
        try await eventually("a client that reads nothing is stuck") {
            let said = child.said()
            defer { last = said }
            guard child.isRunning else { throw PrivateRedis.Failure(description: "it ended: \(said)") }
            try await Task.sleep(for: .milliseconds(500))
            return said == last && !said.isEmpty
        }
    }
}
