import CCurl
import Core
import Glibc

/// libcurl's result in the vocabulary of observations.
struct TransferFault {
    var code: CURLcode
    var osError: Int
    /// What the system said when it refused this process a socket; 0 when it did not.
    var socketError: Int32
    var isOversize: Bool
    /// Connected, and past the TLS handshake where there is one.
    var isConnected: Bool
    var refusedCertificate: CertificateFingerprint?
    /// libcurl's own sentence. It names hosts, ports and durations, so only that of a TLS fault is shown.
    var text: String

    var unknown: Unknown {
        if isOversize { return .oversize }
        return switch code {
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_COULDNT_CONNECT where isOurShortage: .internalFault
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
    private var isOurShortage: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(socketError) }

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
        case .internalFault where isOurShortage:
            return "this process may open no further socket: raise its limit of open files (LimitNOFILE, ulimit -n)"
        default: return unsafe String(cString: curl_easy_strerror(code))
        }
    }
}
