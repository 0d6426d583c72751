import Glibc

/// Time and memory of this process.
enum Meter {
    /// The median of several runs, in milliseconds of one core, after one run that is not counted.
    static func median(runs: Int, _ body: () -> Void) -> Double {
        body()
        return (0..<max(1, runs)).map { _ in milliseconds(body).1 }.sorted()[max(1, runs) / 2]
    }

    /// What `body` takes of the core that it runs on: others at work on the machine do not count.
    static func milliseconds<Value>(_ body: () -> Value) -> (Value, Double) {
        let start = clock(CLOCK_THREAD_CPUTIME_ID)
        let value = body()
        return (value, clock(CLOCK_THREAD_CPUTIME_ID) - start)
    }

    /// What this process has spent on all of its threads, in user and kernel, in milliseconds.
    static func cpu() -> Double { clock(CLOCK_PROCESS_CPUTIME_ID) }

    private static func clock(_ id: clockid_t) -> Double {
        var time = timespec()
        guard unsafe clock_gettime(id, &time) == 0 else { return .nan }
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
    }

    /// Resident memory now, in megabytes (10^6 bytes).
    static func residentMegabytes() -> Double {
        guard let file = unsafe fopen("/proc/self/statm", "r") else { return .nan }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard unsafe fgets(&line, 128, file) != nil else { return .nan }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_000_000
    }

    /// Cores and load average: what a figure has to be read beside.
    static var machine: String {
        var load = [Double](repeating: 0, count: 3)
        let known = unsafe getloadavg(&load, 3) == 3
        let words = load.map { Figure.text($0) }.joined(separator: " ")
        return "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, load average \(known ? words : "unknown")"
    }
}

extension Duration {
    var milliseconds: Double { Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15 }
}
