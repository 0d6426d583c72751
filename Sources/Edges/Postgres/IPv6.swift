internal import Glibc

enum IPv6 {
    static func isAddress(_ text: String) -> Bool {
        var address = in6_addr()
        // inet_pton(3): 1 for an address of the family, 0 for none.
        return unsafe inet_pton(AF_INET6, text, &address) == 1
    }
}
