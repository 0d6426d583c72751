import CCurl

/// One `CURL *`.
@safe
struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer

    init?() {
        guard let pointer = unsafe curl_easy_init() else { return nil }
        unsafe self.pointer = pointer
    }

    deinit { unsafe curl_easy_cleanup(pointer) }
}

/// The sockets of some multi handles. Everything but the wake-up belongs to the thread that made it.
@safe
final class SocketQueue {
    let pointer: OpaquePointer

    init?() {
        guard let pointer = unsafe zlh_sockets_create() else { return nil }
        unsafe self.pointer = pointer
    }

    deinit { unsafe zlh_sockets_destroy(pointer) }
}

/// One `CURLM *`: a pool of kept connections. Belongs to the client's thread.
@safe
final class MultiHandle {
    let pointer: UnsafeMutableRawPointer
    /// How many transfers are in it, and its place among the pools that have any: kept by ``TransferPools``.
    var transfers = 0
    var place = 0
    /// Outlives it: a cleanup still closes sockets.
    private let sockets: SocketQueue

    init?(_ sockets: SocketQueue) {
        guard let pointer = unsafe curl_multi_init() else { return nil }
        guard unsafe zlh_sockets_add(sockets.pointer, pointer) != 0 else {
            unsafe curl_multi_cleanup(pointer)
            return nil
        }
        self.sockets = sockets
        unsafe self.pointer = pointer
        // CURLM_OK or CURLM_UNKNOWN_OPTION: without these libcurl keeps its own defaults, which serve as well.
        unsafe zlh_multi_set_long(pointer, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
    }

    func keep(_ connections: Int) { unsafe zlh_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, connections) }

    /// "Cleanup a multi handle … after all easy handles have been removed" (curl_multi_cleanup(3)).
    deinit { unsafe curl_multi_cleanup(pointer) }
}

/// A `curl_slist`, grown from the front of a null.
@safe
struct StringList: ~Copyable {
    private(set) var head: UnsafeMutablePointer<curl_slist>?

    init() { unsafe head = nil }

    /// False when memory ran out; the list is then as it was.
    mutating func append(_ text: String) -> Bool {
        guard let longer = unsafe curl_slist_append(head, text) else { return false }
        unsafe head = longer
        return true
    }

    deinit { unsafe curl_slist_free_all(head) }
}

/// A certificate pin that C code reads during the handshake.
@safe
final class PinHandle {
    let pointer: OpaquePointer

    init?(_ fingerprint: CertificateFingerprint) {
        guard let pointer = unsafe zlh_pin_create(fingerprint.bytes) else { return nil }
        unsafe self.pointer = pointer
    }

    /// The fingerprint of the certificate that was refused, if one was.
    var refused: CertificateFingerprint? {
        var digest = [UInt8](repeating: 0, count: 32)
        guard unsafe zlh_pin_refused(pointer, &digest) != 0 else { return nil }
        return CertificateFingerprint(bytes: digest)
    }

    deinit { unsafe zlh_pin_release(pointer) }
}
