import CCurl
import Core

extension EasyHandle {
    borrowing func set(_ option: CURLoption, _ value: Int) throws(HTTPFailure) {
        try check(unsafe zlh_easy_set_long(pointer, option, value))
    }

    borrowing func set(_ option: CURLoption, offset value: Int) throws(HTTPFailure) {
        try check(unsafe zlh_easy_set_offset(pointer, option, curl_off_t(value)))
    }

    borrowing func set(_ option: CURLoption, _ value: String?) throws(HTTPFailure) {
        try check(unsafe zlh_easy_set_string(pointer, option, value))
    }

    borrowing func check(_ code: CURLcode) throws(HTTPFailure) {
        // CURLE_UNKNOWN_OPTION, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_OUT_OF_MEMORY, CURLE_UNSUPPORTED_PROTOCOL
        guard code == CURLE_OK else {
            throw HTTPFailure(
                .internalFault, "libcurl refused an option: \(unsafe String(cString: curl_easy_strerror(code)))")
        }
    }

    /// A number that libcurl kept about the transfer; 0 when it has none.
    borrowing func number(_ info: CURLINFO) -> Int {
        var value = 0
        unsafe zlh_easy_get_long(pointer, info, &value)
        return value
    }

    borrowing func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        unsafe zlh_easy_get_offset(pointer, info, &value)
        return Int(value)
    }

    /// What every transfer has in common: nothing from the environment, nothing remembered, nothing followed.
    borrowing func harden() throws(HTTPFailure) {
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_HTTP09_ALLOWED, 0)
        // An empty string switches proxies off; null would take them from the environment.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        // No Accept-Encoding is sent; an answer that is packed all the same is not unpacked, so there is no bomb.
        try set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        // A handle is used for several hosts in turn and resumes no session with any of them.
        try set(CURLOPT_SSL_SESSIONID_CACHE, 0)
        // Otherwise the end of a transfer waits, on this one thread, for a name lookup that hangs.
        try set(CURLOPT_QUICK_EXIT, 1)
    }

    borrowing func trust(_ trust: HTTPTrust, pin: OpaquePointer?) throws(HTTPFailure) {
        switch trust.rule {
        case .system:
            break
        case .authority(let file):
            try set(CURLOPT_CAINFO, file)
            // The directory that libcurl was built with would add the system's authorities.
            try set(CURLOPT_CAPATH, nil)
        case .certificate:
            try check(unsafe zlh_easy_pin(pointer, pin))
        case .anyone:
            try set(CURLOPT_SSL_VERIFYPEER, 0)
            try set(CURLOPT_SSL_VERIFYHOST, 0)
        }
    }
}
