import Glibc

/// The sockets of this process: whether a connection was kept can be seen from outside of the client.
struct OpenSockets {
    /// The inode of each: unlike the descriptor's number, it is not given to the next one.
    private let inodes: Set<UInt>

    init() {
        var inodes: Set<UInt> = []
        for descriptor in 0..<Int32(clamping: sysconf(Int32(_SC_OPEN_MAX))) {
            var about = stat()
            guard unsafe fstat(descriptor, &about) == 0, about.st_mode & S_IFMT == S_IFSOCK else { continue }
            inodes.insert(about.st_ino)
        }
        self.inodes = inodes
    }

    /// How many of these were not among `earlier`.
    func new(since earlier: OpenSockets) -> Int { inodes.subtracting(earlier.inodes).count }
}
