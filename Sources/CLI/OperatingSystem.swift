import Core
import Glibc

enum OperatingSystem {
    /// The name of the user who runs this, or their number when it has no name.
    static var userName: String {
        let user = getuid()
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        // getpwuid_r(3): 0 and a null result means that there is no such user.
        let status = unsafe getpwuid_r(user, &entry, &buffer, buffer.count, &found)
        guard status == 0, unsafe found != nil, let name = unsafe entry.pw_name else { return "uid \(user)" }
        return Foreign.text(unsafe String(cString: name), limit: 64)
    }
}
