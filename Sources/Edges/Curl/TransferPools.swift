import CCurl
import Core

/// A client's pools of kept connections. Belongs to the client's thread.
///
/// A turn of the thread visits only the pools with a transfer under way, so that it costs nothing that thousands of hosts were
/// asked earlier: in a pool without any, libcurl 7 has nothing due and watches no socket. (From 8.10 on it closes connections
/// with a time limit; that would wait for the pool's next transfer.)
struct TransferPools: ~Copyable {
    private let sockets: SocketQueue
    private let keeps: Int
    private var all: [MultiHandle] = []
    private var busy: [MultiHandle] = []
    /// How many pools share what is kept.
    private var sharing = 1

    /// - Parameter keeps: connections at most, in all pools together.
    init(sockets: SocketQueue, keeps: Int) {
        self.sockets = sockets
        self.keeps = keeps
    }

    /// Finds the pool, and makes those that were not needed until now.
    mutating func pool(_ wanted: HTTPClient.Pool) throws(HTTPFailure) -> MultiHandle {
        if wanted.count != sharing {
            sharing = wanted.count
            for pool in all { pool.keep(share) }
        }
        while all.count <= wanted.number {
            guard let pool = MultiHandle(sockets) else { throw HTTPFailure.outOfMemory }
            pool.keep(share)
            all.append(pool)
        }
        return all[wanted.number]
    }

    private var share: Int { max(1, keeps / sharing) }

    mutating func enter(_ transfer: Transfer) throws(HTTPFailure) {
        let pool = transfer.pool
        // CURLM_OUT_OF_MEMORY and the like; the transfer is then not in the handle.
        guard unsafe curl_multi_add_handle(pool.pointer, transfer.pointer) == CURLM_OK else {
            throw HTTPFailure(.internalFault, "libcurl took no further transfer")
        }
        if pool.transfers == 0 {
            pool.place = busy.count
            busy.append(pool)
        }
        pool.transfers += 1
    }

    mutating func leave(_ transfer: Transfer) {
        let pool = transfer.pool
        unsafe curl_multi_remove_handle(pool.pointer, transfer.pointer)
        pool.transfers -= 1
        guard pool.transfers == 0, let last = busy.popLast(), last !== pool else { return }
        busy[pool.place] = last
        last.place = pool.place
    }

    /// Lets libcurl act on what is due. Milliseconds until something is due again, ten minutes at most; nil when libcurl
    /// is of no use any more.
    func actOnDue() -> Int32? {
        var most: Int32 = 600_000
        for pool in busy where unsafe zlh_multi_act_on_due(pool.pointer, &most) != CURLM_OK { return nil }
        return most
    }

    /// What libcurl has ended since the last call: the jobs' ids, and how.
    func done() -> [(id: UInt64, code: CURLcode)] {
        var done: [(id: UInt64, code: CURLcode)] = []
        for pool in busy {
            var easy: UnsafeMutableRawPointer?
            var code = CURLE_OK
            while unsafe zlh_multi_next_done(pool.pointer, &easy, &code) != 0 {
                var id: UnsafeMutableRawPointer?
                unsafe zlh_easy_get_pointer(easy, CURLINFO_PRIVATE, &id)
                done.append((UInt64(UInt(bitPattern: id)), code))
            }
        }
        return done
    }
}
