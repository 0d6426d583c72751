import CCurl
import Core
import Glibc

/// libcurl's result in the vocabulary of observations.
struct TransferFault {
    var code: CURLcode
    var osError: Int
    /// The errno with which the system had no socket for this process; 0 when it had.
    var shortage: Int32
    var isOversize: Bool
    /// Connected, and past the TLS handshake where there is one.
    var isConnected: Bool
    var refusedCertificate: CertificateFingerprint?
    /// libcurl's own sentence. It names hosts, ports and durations, so only that of a TLS fault is shown.
    var text: String

    var unknown: Unknown {
        if isOversize { return .oversize }
        if isOurShortage { return .internalFault }
        return switch code {
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_COULDNT_CONNECT:
            switch Int32(osError) {
            case ECONNREFUSED: .refused
            case ETIMEDOUT: .timeout
            default: .unreachable
            }
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unreachable
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            .tls
        case CURLE_SSL_CACERT_BADFILE, CURLE_URL_MALFORMAT: .configuration
        case CURLE_FILESIZE_EXCEEDED: .oversize
        // A single header line over libcurl's own 100 kB is reported so.
        case CURLE_OUT_OF_MEMORY: .oversize
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_READ_ERROR:
            .connectionLost
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2,
            CURLE_WRITE_ERROR:
            .malformed
        default: .internalFault
        }
    }

    /// Nothing was asked of the server: what is missing is missing here.
    private var isOurShortage: Bool {
        // Where a name has several addresses libcurl goes on to the next one after it had no socket for the first: it then ends
        // with what became of that one, and with a time-out if that one never answered.
        shortage != 0 && !isConnected && [CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT].contains(code)
    }

    var detail: String {
        switch unknown {
        case .oversize: return "the answer is larger than allowed"
        case .timeout: return isConnected ? "connected, but no complete answer in time" : "no connection in time"
        case .refused: return "the connection was refused"
        case .tls:
            if let refusedCertificate {
                return "the server's certificate is not the pinned one: its SHA-256 is \(refusedCertificate)"
            }
            return text.isEmpty ? "TLS failed" : "TLS: \(text.filter { $0.isASCII && !$0.isNewline }.prefix(200))"
        case .connectionLost: return "the connection was closed before the answer was complete"
        case .unreachable where code == CURLE_COULDNT_RESOLVE_HOST: return "the host name cannot be resolved"
        case .unreachable: return "the host cannot be reached"
        case .configuration where code == CURLE_SSL_CACERT_BADFILE: return "the CA file cannot be read"
        case .configuration: return "the URL makes no sense"
        case .malformed: return "the answer is not HTTP"
        case .internalFault where isOurShortage && shortage == EMFILE:
            return "this process may open no further file: raise its limit (LimitNOFILE, ulimit -n)"
        case .internalFault where isOurShortage:
            return "this machine has no socket left: \(unsafe String(cString: strerror(shortage)))"
        default: return unsafe String(cString: curl_easy_strerror(code))
        }
    }
}
