internal import Foundation
internal import Glibc

/// One other process, with what it says in a file; killed when nobody holds it any more. Waiting for it holds no thread.
///
/// Begun by posix_spawn(3), with no descriptor of ours but the three standard ones: a child of `Foundation.Process` inherits
/// those of all others that are begun at the same moment, and then nobody sees a pipe's end or a process's.
///
/// Unchecked because `status` is only touched with the lock held.
package final class Child: @unchecked Sendable {
    /// Longer than anything that is started takes on a loaded machine.
    private static let patience = 120.0

    /// Closes what was inherited, then becomes the program. (posix_spawn_file_actions_addclosefrom_np is not in the Glibc
    /// module.) 255 is bash's own, and closes itself. The loop redirects nothing: bash would keep what it redirects in a descriptor
    /// of its own, and that would be closed, too.
    private static let closing = """
        for path in /proc/self/fd/*; do
            n=${path##*/}
            if [ "$n" -gt 2 ] && [ "$n" != 255 ]; then exec {n}>&-; fi
        done
        exec "$@"
        """

    private let pid: pid_t
    /// It has work to do after us, and is not killed.
    private let endsByItself: Bool
    private let file: String
    private let lock = NSLock()
    private var status: Int32?

    /// - Parameters:
    ///   - terminal: the path of a terminal that it prints to; nil is a file that ``said()`` reads.
    ///   - errors: where its other output goes; nil is with the first.
    ///   - environment: all of it; nil is that of this process.
    init(
        _ program: String, _ arguments: [String], input: Int32? = nil, endsByItself: Bool = false,
        terminal: String? = nil, errors: String? = nil, environment: [String: String]? = nil
    ) throws {
        self.endsByItself = endsByItself
        file = "/tmp/zlh-child-" + String(UInt64.random(in: .min ... .max), radix: 36)
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let input {
            unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        if let terminal {
            unsafe posix_spawn_file_actions_addopen(&actions, 1, terminal, O_RDWR | O_NOCTTY, 0)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 1, file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        if let errors {
            unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        } else {
            unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        var argv = unsafe (["/bin/bash", "-c", Child.closing, "bash", program] + arguments).map { unsafe strdup($0) }
        unsafe argv.append(nil)
        defer { for index in unsafe argv.indices { unsafe free(argv[index]) } }
        var pid = pid_t()
        // posix_spawn: 0, or an errno.
        var own = unsafe (environment ?? [:]).map { unsafe strdup("\($0.key)=\($0.value)") }
        unsafe own.append(nil)
        defer { for index in unsafe own.indices { unsafe free(own[index]) } }
        let code =
            environment == nil
            ? unsafe posix_spawn(&pid, "/bin/bash", &actions, nil, &argv, environ)
            : unsafe posix_spawn(&pid, "/bin/bash", &actions, nil, &argv, &own)
        guard code == 0 else { throw PrivateRedis.Failure(description: "\(program) cannot be run: errno \(code)") }
        self.pid = pid
    }

    deinit {
        if !endsByItself { kill() }
        _ = unsafe unlink(file)
    }

    /// As `kill -9` would.
    package func kill() {
        guard isRunning else { return }
        _ = Glibc.kill(pid, SIGKILL)
        while isRunning { usleep(1000) }
    }

    func signal(_ number: Int32) {
        guard isRunning else { return }
        _ = Glibc.kill(pid, number)
    }

    /// Waits until it has printed `ready` on a line.
    func waitUntilReady() async throws {
        try await wait { said().contains("ready\n") || !isRunning }
        guard said().contains("ready\n") else { throw PrivateRedis.Failure(description: "it ended: \(said())") }
    }

    /// Waits until it has ended; gives its exit status and what it said.
    func finish() async throws -> (status: Int32, said: String) {
        try await wait { !isRunning }
        return (lock.withLock { status ?? -1 }, said().trimmingCharacters(in: .whitespacesAndNewlines))
    }

    var isRunning: Bool {
        lock.withLock {
            guard status == nil else { return false }
            var code: Int32 = 0
            // waitpid: the process, or 0 while it runs.
            guard unsafe waitpid(pid, &code, WNOHANG) != 0 else { return true }
            // What ended by a signal has no exit status: a shell would say 128 and its number.
            status = code & 0x7f == 0 ? code >> 8 & 0xff : 128 + code & 0x7f
            return false
        }
    }

    func wait(_ isSo: () -> Bool) async throws {
        let end = Date().addingTimeInterval(Child.patience)
        while !isSo() {
            guard Date() < end else {
                kill()
                throw PrivateRedis.Failure(description: "it did not end in time: \(said())")
            }
            try await Task.sleep(for: .milliseconds(3))
        }
    }

    /// All that it has printed so far.
    func said() -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
}
