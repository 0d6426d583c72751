package import Core
internal import Glibc

/// Tells the service manager how the daemon is, for as long as it runs.
///
/// It only looks and tells: when the daemon's loop stands still, so does the feeding of the watchdog.
package actor ServiceVoice {
    package typealias Send = @Sendable ([String]) throws(NotifySocket.Failure) -> Void

    /// How often it looks whether there is something to say.
    private static let pace = Span.seconds(1)

    private let send: Send
    private let status: @Sendable () -> DaemonStatus
    private let failed: @Sendable (String) -> Void
    private var notices: ServiceNotices
    private var isReached = true

    /// - Parameters:
    ///   - environment: of the process, where the service manager says how it is reached.
    ///   - failed: hears that it cannot be reached, once until it is again.
    package init(
        environment: [String: String], send: @escaping Send, status: @escaping @Sendable () -> DaemonStatus,
        failed: @escaping @Sendable (String) -> Void
    ) {
        self.send = send
        self.status = status
        self.failed = failed
        notices = ServiceNotices(environment: environment, pid: getpid())
    }

    /// Until its task is cancelled; then it says that the service is stopping.
    package func run() async {
        let pace = min(ServiceVoice.pace, notices.feedEvery ?? ServiceVoice.pace)
        while !Task.isCancelled {
            look(moment: ServiceClock.now())
            do {
                try await Task.sleep(for: .microseconds(pace.microseconds))
            } catch {
                // Cancelled: what follows is the last word.
            }
        }
        say(ServiceNotices.stopping)
    }

    package func look(moment: Moment) {
        let before = notices
        // What was not heard is said again.
        if !say(notices.due(status(), moment: moment)) { notices = before }
    }

    /// Around a reading of the policies, which throws when the old ones stay.
    package func reload(_ reading: @Sendable () throws -> Void) throws {
        say(notices.reloading(at: ServiceClock.now().microseconds))
        do {
            try reading()
        } catch {
            end(trouble: "\(error)")
            throw error
        }
        end(trouble: nil)
    }

    private func end(trouble: String?) {
        // A reload that nobody heard the end of would last for ever.
        if !say(notices.reloaded(trouble: trouble)) { notices.sayReadyAgain() }
    }

    @discardableResult private func say(_ lines: [String]) -> Bool {
        guard !lines.isEmpty else { return true }
        do {
            try send(lines)
            isReached = true
        } catch {
            if isReached { failed(error.description) }
            isReached = false
        }
        return isReached
    }
}
