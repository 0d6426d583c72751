import Core
import Glibc

/// Where `--output` goes. A regular file is written beside and then put in its place, so that nobody reads half a report; a device,
/// a pipe or a link is written through and stays what it is.
struct OutputFile {
    let path: String

    func write(_ bytes: [UInt8]) throws {
        var status = stat()
        let exists = unsafe lstat(path, &status) == 0
        let isRegular = exists && status.st_mode & S_IFMT == S_IFREG
        if exists && !isRegular {
            let descriptor = unsafe open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure("cannot be opened") }
            try finish(bytes, descriptor)
            return
        }
        // Customers' names are in it: for nobody else to read, unless somebody made the file readable before.
        let mode = exists ? status.st_mode & 0o7777 : 0o600
        let beside = "\(path).\(getpid()).part"
        let descriptor = unsafe open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("cannot be written") }
        do {
            // The umask may have taken away what the old file had.
            guard !exists || fchmod(descriptor, mode) == 0 else { throw failure("cannot keep its mode") }
            try finish(bytes, descriptor)
            guard unsafe rename(beside, path) == 0 else { throw failure("cannot be put in place") }
        } catch {
            unsafe unlink(beside)
            throw error
        }
    }

    private func finish(_ bytes: [UInt8], _ descriptor: Int32) throws {
        let isWhole = Terminal.write(bytes, to: descriptor)
        let reason = errno
        // A full disk may show only now.
        guard close(descriptor) == 0, isWhole else {
            if !isWhole { errno = reason }
            throw failure("could not be written whole")
        }
    }

    private func failure(_ what: String) -> Failure {
        let reason = unsafe String(cString: strerror(errno))
        return Failure("\(Foreign.text(path)) \(what): \(reason)")
    }
}
