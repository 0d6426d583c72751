import Core

extension Configuration.Proxmox {
    init?(_ map: MapReader, folder: String) {
        let urls = map.required("urls", "the API of each node, tried in this order")?
            .list(of: "addresses", orEmpty: false) { $0.serviceURL() }
        cluster = map.field("cluster", nullable: true)?.word("a cluster's name")
        canary = map.field("canary", nullable: true)?.vmid()
        let token = map.required("token", "an API token, USER@REALM!NAME=SECRET")?
            .proxmoxToken(folder: folder)
        tls = map.field("tls")?.map().map { TLS($0, folder: folder) } ?? TLS(verify: true, ca: nil, fingerprint: nil)
        timeout = map.timeout(.seconds(20))
        map.finish()
        guard let urls, let token else { return nil }
        self.urls = urls
        self.token = token
    }
}

extension Configuration.Proxmox.TLS {
    init(_ map: MapReader, folder: String) {
        verify = map.field("verify")?.bool() ?? true
        ca = map.field("ca", nullable: true)?.text("the path of a PEM file")
            .map { BoundedFile.resolve($0, in: folder) }
        fingerprint = map.field("fingerprint", nullable: true)?.fingerprint()
        map.finish()
    }
}

extension Field {
    fileprivate func fingerprint() -> String? {
        guard let text = text("a SHA-256 fingerprint") else { return nil }
        let digits = Array(text.uppercased().utf8.filter { $0 != 58 })
        guard digits.count == 64, digits.allSatisfy(\.isHexDigit), text.utf8.count == 64 || text.utf8.count == 95 else {
            problem("is not a SHA-256 fingerprint: 32 pairs of hexadecimal digits, with or without `:` between them")
            return nil
        }
        return stride(from: 0, to: 64, by: 2)
            .map { String(decoding: digits[$0..<$0 + 2], as: UTF8.self) }
            .joined(separator: ":")
    }
}

extension Configuration.Agents {
    init?(_ map: MapReader, folder: String) {
        scheme = map.field("scheme")?.choice("a scheme", of: Scheme.self) ?? .http
        port = map.field("port")?.integer("a port", in: 1...65535) ?? 18888
        let token = map.required("token", "what the agents ask for")?.secret(folder: folder)
        let networks = map.required("networks", "the token goes only to addresses in them, e.g. [\"10.70.0.0/16\"]")?
            .list(of: "networks", orEmpty: false) { $0.ipv4Network() }
        timeout = map.timeout(Self.usualTimeout)
        concurrency =
            map.field("concurrency")?.integer("a number of requests at once", in: 1...4096) ?? Self.usualConcurrency
        map.finish()
        guard let token, let networks else { return nil }
        self.token = token
        self.networks = networks
    }
}
