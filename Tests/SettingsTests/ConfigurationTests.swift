import Core
import Settings
import Testing

@Suite struct ConfigurationTests {
    @Test(arguments: [
        ("\"\"", "is empty; it needs an id"),
        ("\"two words\"", "`two words` is not one word: an id is made of letters, digits, `.`, `_` and `-`"),
        ("\"a/b\"", "`a/b` is not one word"),
        (String(repeating: "x", count: 65), "has 65 characters; an id has at most 64"),
        ("[a]", "needs an id, and this is a list"),
        ("~", "has no value"),
    ])
    func idIsOneWord(value: String, expected: String) {
        let told = complaints(smallest.replacing("\"detroit-1\"", with: value))
        #expect(told.hasPrefix("c.yaml:1: id: \(expected)"), "\(told)")
    }

    @Test(arguments: [
        ("mode: dryrun", "mode: `dryrun` is not a mode; did you mean `dry-run`?"),
        ("mode: Repair", "mode: `Repair` is not a mode; did you mean `repair`?"),
        ("lock: { ttl: 5s }", "lock.ttl: act_deadline (8s) must be shorter than ttl (5s)"),
        (
            "lock: { ttl: 8400ms }",
            "lock.ttl: act_deadline (8s) leaves less than 500ms of ttl (8400ms): between a renewal and the end of the lease "
                + "there would be no room for an act"
        ),
        ("lock: { ttl: 9s, act_deadline: 9s }", "lock.act_deadline: act_deadline (9s) must be shorter than ttl (9s)"),
        (
            "lock: { ttl: 1m, act_deadline: 11s }",
            "lock.act_deadline: 11s is out of range: it must be from 100ms to 10s"
        ),
        (
            "proxmox: { urls: [\"https://a:8006\"], token: { value: \"0f0f-not-shown\" } }",
            "proxmox.token: has not the form USER@REALM!NAME=SECRET"
        ),
        ("events: { keep: 90 }", "events.keep: `90` has no unit"),
        (
            "repair: { kinds: [dns.publik.*] }",
            "repair.kinds[0]: `dns.publik.*` matches no kind of drift; did you mean `dns.public.*`?"
        ),
        ("repair: { kinds: [] }", "repair.kinds: needs at least one of: kinds such as dns.public.*"),
        ("repair: { vmids: [5001, x] }", "repair.vmids[1]: `x` is not a range of VMIDs"),
        ("scope: {}", "scope: names neither game nor dev"),
        ("scope: { games: {} }", "scope.games: unknown key; did you mean `game`?"),
        (
            "scope: { game: { vmids: \"5999-5000\", hostnames: [\"mc-{vmid}\"] } }",
            "scope.game.vmids: `5999-5000` ends before it begins; did you mean 5000-5999?"
        ),
        (
            "scope: { game: { vmids: 1-99, hostnames: [\"mc-{vmid}\"] } }",
            "scope.game.vmids: `1-99` is not a range of VMIDs"
        ),
        (
            "scope: { game: { vmids: 500-600, hostnames: [] } }",
            "scope.game.hostnames: needs at least one of: host-name patterns"
        ),
        (
            "scope: { game: { vmids: 500-600, hostnames: [mc-] } }",
            "scope.game.hostnames[0]: `mc-` is not a host-name pattern"
        ),
        ("scope: { game: { vmids: 500-600 } }", "scope.game.hostnames: is required"),
        (
            "scope: { dev: { vmids: 500-600, hostnames: [\"{game}-{vmid}\"] } }",
            "scope.dev.hostnames[0]: `{game}-{vmid}` can never match: a dev server has no game"
        ),
        (
            "scope: { game: { vmids: 500-600, hostnames: ['m{vmid}'] }, dev: { vmids: 600-700, hostnames: ['d{vmid}'] } }",
            "scope.dev: VMIDs 600-700 overlap those of game (500-600); a VMID can be of one type only"
        ),
        ("redis: { url: \"rediss://h\" }", "redis.url: asks for TLS (rediss://), which is not supported"),
        ("redis: { url: \"redis://h/x\" }", "redis.url: has no number of a database after the host"),
        ("redis: { url: \"redis://h:70000\" }", "redis.url: has a port that is not a number from 1 to 65535"),
        ("queues: {}", "queues: has no url, and there is no redis to use instead; give queues.url or redis"),
        ("queues: { url: \"redis://h\", names: [] }", "queues.names: needs at least one of: queue names"),
        (
            "dns: { public: { provider: cloudflare, url: 'https://h', zone_id: z, token: {env: T}, edge: 10.0.0.1 } }",
            "dns.zone: is required: which zone the records are in"
        ),
        ("dns: { zone: \"ex_ample..net\" }", "dns.zone: `ex_ample..net` is not a DNS zone; write it as example.net"),
        ("velocity: { url: \"http://h\" }", "velocity.secret: is required: what the bridge asks for"),
        ("discord: { webhooks: {} }", "discord.webhooks: names no webhook"),
        ("http: { bind: \"0.0.0.0:9180\" }", "http: listens beyond this machine, so it needs a token"),
        ("http: { bind: 9180 }", "http.bind: `9180` is not an address to listen on; write it as 127.0.0.1:9180"),
        ("zzzzzz: 1", "zzzzzz: unknown key; known here: id, mode, repair, cycle, policies"),
    ])
    func eachRuleIsToldWhereItIsBroken(line: String, expected: String) {
        let told = complaint(line)
        #expect(told.hasPrefix("c.yaml:3: \(expected)"), "\(told)")
        #expect(!told.contains("\n"), "\(told)")
    }

    static let service =
        "public: { provider: cloudflare, url: \"https://h\", zone_id: z, token: { env: T }, edge: 10.0.0.1 }"

    @Test(arguments: [
        (
            "cloudflare", "cloudflair",
            "provider: `cloudflair` is not a provider of public DNS; did you mean `cloudflare`?"
        ),
        ("cloudflare", "technitium", "provider: `technitium` is not a provider of public DNS; there is: cloudflare"),
        ("10.0.0.1", "10.0.0.256", "edge: `10.0.0.256` is not an IPv4 address"),
        ("10.0.0.1", "010.0.0.1", "edge: `010.0.0.1` is not an IPv4 address"),
        ("10.0.0.1", "10.0.0.1, former_edges: [10.0.0.1]", "former_edges: holds the present edge 10.0.0.1"),
        ("10.0.0.1", "10.0.0.1, former_edges: [a.b]", "former_edges[0]: `a.b` is not an IPv4 address"),
        ("10.0.0.1", "10.0.0.1, ttl: 60s", "ttl: `60s` is not a TTL in seconds: a whole number such as 1 is needed"),
        ("10.0.0.1", "10.0.0.1, ttl: 0", "ttl: 0 is out of range: a TTL in seconds is from 1 to 86400"),
        ("10.0.0.1", "10.0.0.1, timeout: 2m", "timeout: 2m is out of range: it must be from 10ms to 1m"),
        ("https://h", "ftp://h", "url: begins with `ftp://`; only http:// and https:// are spoken here"),
        ("https://h", "h:80", "url: is not an address; write it as https://host:port"),
        ("https://h", "https://", "url: has no valid host name or address; write it as https://host:port"),
        ("https://h", "https://h:0", "url: has a port that is not a number from 1 to 65535"),
        ("https://h", "https://h/?a=b", "url: holds `?` or `#`; give the address alone"),
        ("{ env: T }", "{ env: T, file: f }", "token: needs exactly one of file, env and value"),
        ("{ env: T }", "{}", "token: needs exactly one of file, env and value"),
        ("{ env: T }", "{ fle: f }", "token.fle: unknown key; did you mean `file`?"),
        ("{ env: T }", "{ env: A-B }", "token.env: is not the name of an environment variable"),
    ])
    func servicesOfDNSAreRead(old: String, new: String, expected: String) {
        let told = complaint("dns: { zone: a.b, \(ConfigurationTests.service.replacing(old, with: new)) }")
        #expect(told.hasPrefix("c.yaml:3: dns.public.\(expected)"), "\(told)")
        #expect(!told.contains("\n"), "\(told)")
    }

    @Test(arguments: [
        "redis: { url: \"redis://u:hunter2@h\" }", "redis: { url: \"redis://h\", password: hunter2 }",
        "redis: { url: \"redis://h\", password: [hunter2] }",
        "redis: { url: \"redis://h\", password: { env: \"hunter2!\" } }",
        "redis: { url: \"redis://h\", password: { value: [hunter2] } }",
        "velocity: { url: \"http://u:hunter2@h\", secret: { env: S } }",
        "velocity: { url: \"http://hunter2@h\", secret: { env: S } }",
        "velocity: { url: \"http://h/?token=hunter2\", secret: { env: S } }",
        "discord: { webhooks: { alerts: \"https://discord.example/hunter2\" } }",
        "discord: { webhooks: [hunter2] }", "redis: { url: \"redis://h\", password: { value: *hunter2 } }",
        "redis: { url: \"redis://h\", password: { value: &hunter2 } }",
        "redis: { url: \"redis://h\", password: { value: \"hunter2 } }",
        "redis: { url: \"redis://h\", password: { value: \"hunter2\\z\" } }",
    ])
    func noMessageShowsASecret(line: String) {
        let told = complaint(line)
        #expect(!told.isEmpty)
        #expect(!told.contains("hunter2"), "\(told)")
    }

    @Test(arguments: [
        "postgres://u:hunter2@h/d", "postgres://u@h/d?password=hunter2", "postgres://u@h/d?a=b&PassWord=hunter2",
    ])
    func aPasswordInTheAddressOfPostgreSQLIsRefused(url: String) {
        let told = complaints("id: a\npostgres: { url: \"\(url)\" }\n")
        #expect(
            told == "c.yaml:2: postgres.url: holds a password; remove it and give `password: { file: … }` beside it")
    }

    @Test func networksAreWrittenWithTheirPrefix() {
        func told(_ network: String) -> String {
            complaint("agents: { token: { env: T }, networks: [\"\(network)\"] }")
        }
        #expect(told("10.70.0.0/16") == "")
        #expect(told("10.70.1.0/16").contains("has bits set behind its prefix; did you mean 10.70.0.0/16?"))
        #expect(told("0.0.0.0/0").contains("is every address there is; name the network of the guests"))
        #expect(told("10.70.0.0").contains("is not an IPv4 network; write it as 10.70.0.0/16"))
        #expect(told("10.70.0.0/33").contains("is not an IPv4 network"))
        #expect(told("fd00::/8").contains("is not an IPv4 network"))
    }

    @Test func aNetworkHoldsItsAddresses() throws {
        let it = try read(smallest + "agents: { token: { env: T }, networks: [\"10.70.0.0/16\", 192.0.2.7/32] }\n")
        let networks = try #require(it.agents?.networks)
        #expect(networks[0].contains("10.70.255.255") && !networks[0].contains("10.71.0.0"))
        #expect(networks[1].contains("192.0.2.7") && !networks[1].contains("192.0.2.6"))
        #expect(!networks[0].contains("10.70.0.0.1") && !networks[0].contains("nonsense"))
    }

    @Test func fingerprintsHaveOneForm() throws {
        let pairs = (0..<32).map { _ in "ab" }
        func read(_ text: String) throws(ConfigurationError) -> String? {
            try SettingsTests.read(
                smallest + "proxmox: { urls: [\"https://h\"], token: { env: T }, tls: { fingerprint: \"\(text)\" } }\n"
            ).proxmox?.tls.fingerprint
        }
        let canonical = pairs.joined(separator: ":").uppercased()
        #expect(try read(pairs.joined()) == canonical)
        #expect(try read(canonical) == canonical)
        #expect(throws: ConfigurationError.self) { try read(pairs.dropLast().joined(separator: ":")) }
    }

    @Test func aScopedGoLiveAllowsOnlyWhatItNames() throws {
        let it = try read(smallest + "repair: { kinds: [\"dns.public.*\"], vmids: [5001, 5100-5199] }\n").repair
        #expect(it.allows(.publicAWrong, vmid: VMID(5001)) && it.allows(.publicAWrong, vmid: VMID(5150)))
        #expect(!it.allows(.publicAWrong, vmid: VMID(5002)) && !it.allows(.velocityMissing, vmid: VMID(5001)))
        #expect(!it.allows(.publicAWrong, vmid: nil))
        #expect(try read(smallest).repair.allows(.publicAWrong, vmid: nil))
    }

    @Test(
        arguments: [
            ("500ms", 500_000), ("8s", 8_000_000), ("15m", 900_000_000), ("2h", 7_200_000_000),
            ("90d", 7_776_000_000_000),
            ("0s", 0),
        ] as [(String, Int64)])
    func lengthsOfTimeCarryUnits(text: String, microseconds: Int64) {
        #expect(Span(text: text)?.microseconds == microseconds)
        #expect(Span(text: text)?.text == text)
    }

    @Test(arguments: ["", "s", "5", "-5s", "+5s", "5 s", "5S", "1.5s", "1h30m", "5sec", "٣s", "9999999999d"])
    func otherLengthsOfTimeAreNone(text: String) {
        #expect(Span(text: text) == nil)
    }
}
