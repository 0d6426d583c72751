package import Core

extension Configuration {
    package struct Postgres: Sendable {
        /// As libpq takes it; without a password.
        package var url: String
        package var password: SecretSource?
        package var timeout: Span
    }

    package struct Redis: Sendable {
        package var url: RedisURL
        package var password: SecretSource?
    }

    package struct Proxmox: Sendable {
        package struct TLS: Equatable, Sendable {
            package var verify: Bool
            /// The path of a PEM file, resolved.
            package var ca: String?
            /// SHA-256 of the certificate as Proxmox shows it: 32 pairs of upper-case hexadecimal digits, `:` between.
            package var fingerprint: String?
        }

        /// Tried in this order.
        package var urls: [ServiceURL]
        package var cluster: String?
        package var canary: VMID?
        /// `USER@REALM!NAME=SECRET`.
        package var token: SecretSource
        package var tls: TLS
        package var timeout: Span
    }

    package struct Agents: Sendable {
        package enum Scheme: String, CaseIterable, Sendable {
            case http
            case https
        }

        package var scheme: Scheme
        package var port: Int
        package var token: SecretSource
        /// The token goes only to addresses in here.
        package var networks: [IPv4Network]
        package var timeout: Span
        package var concurrency: Int

        package static let usualTimeout = Span.seconds(2)
        package static let usualConcurrency = 256
    }

    package struct DNS: Sendable {
        package enum PublicProvider: String, CaseIterable, Sendable { case cloudflare }
        package enum InternalProvider: String, CaseIterable, Sendable { case technitium }

        package struct Public: Sendable {
            package var provider: PublicProvider
            package var url: ServiceURL
            package var zoneID: String
            package var token: SecretSource
            package var edge: String
            package var formerEdges: [String]
            /// Seconds.
            package var ttl: Int
            package var timeout: Span
        }

        package struct Internal: Sendable {
            package var provider: InternalProvider
            package var url: ServiceURL
            package var token: SecretSource
            package var edge: String
            package var formerEdges: [String]
            /// Seconds.
            package var ttl: Int
            package var timeout: Span
        }

        /// Canonical; there whenever one of the two services is.
        package var zone: String?
        package var `public`: Public?
        package var `internal`: Internal?
    }

    package struct Velocity: Sendable {
        package var url: ServiceURL
        package var secret: SecretSource
        package var timeout: Span
    }

    package struct Queues: Sendable {
        /// The Redis of the queues: their own, or the one of `redis` when `queues.url` was null.
        package var url: RedisURL
        package var password: SecretSource?
        package var prefix: String
        package var names: [String]
        package var timeout: Span
    }

    package struct Discord: Sendable {
        /// The pasted URLs, by the names that policies use.
        package var webhooks: [String: SecretSource]
    }

    package struct HTTP: Sendable {
        package var host: String
        package var port: Int
        package var token: SecretSource?
    }
}
