import Core
import Foundation
import Settings
import Testing

@Suite struct EnvironmentTests {
    @Test func anyKeyIsOverridden() throws {
        let it = try read(
            ContractTests.example,
            environment: [
                "ZLH__MODE": "repair", "ZLH__POSTGRES__URL": "postgres://x@h/d", "ZLH__DNS__PUBLIC__EDGE": "10.9.9.9",
                "ZLH__DNS__PUBLIC__ZONE_ID": "12e45", "ZLH__ID": "007", "ZLH__PROXMOX__URLS": "[\"https://one\"]",
                "ZLH__PROXMOX__CLUSTER": "null", "ZLH__HTTP__TOKEN": "{ file: t }", "ZLH__QUEUES__PREFIX": "'no'",
                "ZLH__VELOCITY": "{ url: 'http://v', secret: { env: V } }", "ZLH__VELOCITY__TIMEOUT": "7s",
                "ZLH_AGENT_TOKEN": "not an override", "PATH": "/bin",
            ])
        #expect(it.mode == .repair)
        #expect(it.postgres.url == "postgres://x@h/d")
        #expect(it.dns?.public?.edge == "10.9.9.9")
        #expect(it.dns?.public?.zoneID == "12e45")
        #expect(it.id == "007")
        #expect(it.proxmox?.urls.map(\.host) == ["one"])
        #expect(it.proxmox?.cluster == nil)
        #expect(it.http?.token?.description == "file /etc/zlh/t")
        #expect(it.queues?.prefix == "no")
        #expect(it.velocity?.url.host == "v" && it.velocity?.timeout == .seconds(7))
    }

    @Test func aPlaneCanComeFromTheEnvironmentAlone() throws {
        let it = try read(
            smallest, environment: ["ZLH__VELOCITY__URL": "http://v", "ZLH__VELOCITY__SECRET__ENV": "S"])
        #expect(it.velocity?.secret.description == "env S")
    }

    @Test(arguments: [
        ("ZLH__MOD", "repair", "ZLH__MOD: mod: unknown key; did you mean `mode`?"),
        ("ZLH__DNS__PUBIC__EDGE", "10.0.0.1", "ZLH__DNS__PUBIC__EDGE: dns.pubic: unknown key; did you mean `public`?"),
        ("ZLH__CYCLE", "60", "ZLH__CYCLE: cycle: `60` has no unit; write 60s for seconds, or use ms, m, h, d"),
        ("ZLH__MODE", "dry_run", "ZLH__MODE: mode: `dry_run` is not a mode; did you mean `dry-run`?"),
        ("ZLH__ID__X", "1", "ZLH__ID__X: id: is not a map, so there is no key below it to set"),
        ("ZLH__", "1", "ZLH__: names no key; it is ZLH__ and the key's path in upper case, `__` between"),
        ("ZLH__MODE__", "1", "ZLH__MODE__: names no key"),
        ("ZLH__mode", "repair", "ZLH__mode: is not in upper case; write ZLH__MODE"),
        ("ZLH__PROXMOX__URLS", "[a", "ZLH__PROXMOX__URLS: is not YAML from here on"),
        ("ZLH__ID", "", "ZLH__ID: id: has no value"),
        (
            "ZLH__VELOCITY__URL", "http://v",
            "ZLH__VELOCITY__URL: velocity.secret: is required: what the bridge asks for"
        ),
    ])
    func aBadOverrideNamesItsVariable(name: String, value: String, expected: String) {
        let told = complaints(smallest, environment: [name: value])
        #expect(told.hasPrefix(expected), "\(told)")
    }

    @Test func aSecretOverriddenAsTextIsNotShown() {
        let told = complaints(
            smallest, environment: ["ZLH__POSTGRES__PASSWORD": "hunter2", "ZLH__REDIS": "{ password: \"hunter2 }"])
        #expect(told.contains("ZLH__POSTGRES__PASSWORD: postgres.password: needs a secret's place"), "\(told)")
        #expect(!told.contains("hunter2"))
    }
}

@Suite struct FileTests {
    @Test func aMissingFileSaysWhichAndWhatChoosesAnother() {
        #expect {
            try Configuration.load(path: "/nowhere/c.yaml", environment: [:])
        } throws: {
            ($0 as? ConfigurationError)?.description
                == "/nowhere/c.yaml: does not exist; --config FILE chooses another configuration"
        }
    }

    @Test func policiesAreLookedForBesideTheConfiguration() throws {
        try withFolder { folder in
            let path = folder + "/c.yaml"
            try write(smallest, to: path)
            #expect(try Configuration.load(path: path, environment: [:]).policies == .builtIn)
            let policies = try Configuration.load(path: path, environment: [:]).loadPolicies()
            // Without a webhook nobody is told.
            #expect(policies.notifications.isEmpty)
            #expect(try PolicyFiles.builtIn().policies == policies.policies)
            let own = folder + "/policies"
            try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: false)
            let configuration = try Configuration.load(path: path, environment: [:])
            #expect(configuration.policies == .directory(own))
            #expect {
                try configuration.loadPolicies()
            } throws: {
                "\($0)" == "\(own): holds no *.yaml file; with no policy nothing is repaired"
            }
            try write(policy("kinds: [container.missing], level: 0"), to: own + "/b.yml")
            try write(policy("kinds: [\"*\"], level: 0", name: "all"), to: own + "/a.yaml")
            try write("not: read", to: own + "/notes.txt")
            #expect {
                try configuration.loadPolicies()
            } throws: {
                "\($0)" == "\(own)/b.yml:1: p: can never match: what it is about is already decided by `all` "
                    + "(\(own)/a.yaml:1), and the first that matches decides"
            }
        }
    }

    @Test func notifyMayNameOnlyWebhooksThereAre() throws {
        try withFolder { folder in
            let text = ContractTests.policies
            try write(text, to: folder + "/p.yaml")
            #expect(throws: Never.self) { try PolicyFiles.load(directory: folder) }
            #expect {
                try PolicyFiles.load(directory: folder, webhooks: ["alarms"])
            } throws: {
                "\($0)" == "\(folder)/p.yaml:15: notify[0].webhook: the configuration has no webhook `alerts` in "
                    + "discord.webhooks; did you mean `alarms`?"
            }
            #expect(throws: Never.self) { try PolicyFiles.load(directory: folder, webhooks: ["alerts"]) }
        }
    }

    @Test func secretsAreReadOnlyWhenAskedFor() throws {
        try withFolder { folder in
            let path = folder + "/c.yaml"
            try write(smallest.replacing("zlh\" }", with: "zlh\", password: { file: pg } }"), to: path)
            let source = try #require(try Configuration.load(path: path, environment: [:]).postgres.password)
            #expect(throws: SecretError(source: "secret file \(folder)/pg", message: "does not exist")) {
                try source.resolve(environment: [:])
            }
            for (content, message) in [
                ("", "is empty"), (" \n\n", "is empty"),
                ("hun\nter2\n", "holds a line break or control character inside the secret"),
                (String(repeating: "x", count: 65 << 10), "is larger than 64 KiB"),
            ] {
                try write(content, to: folder + "/pg")
                #expect(throws: SecretError(source: "secret file \(folder)/pg", message: message)) {
                    try source.resolve(environment: [:])
                }
            }
            try Data([0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder + "/pg"))
            #expect(throws: SecretError(source: "secret file \(folder)/pg", message: "is not UTF-8 text")) {
                try source.resolve(environment: [:])
            }
            try write(" hunter2 \r\n", to: folder + "/pg")
            #expect(try source.resolve(environment: [:]).reveal() == " hunter2")
        }
        #expect(throws: SecretError(source: "environment variable NOPE", message: "is not set")) {
            try SecretSource.environment("NOPE").resolve(environment: [:])
        }
        #expect(throws: SecretError(source: "secret file /", message: "is a folder, not a file")) {
            try SecretSource.file("/").resolve(environment: [:])
        }
        #expect("\(SecretSource.value(Secret("hunter2")))" == "value <redacted>")
    }

    /// `LoadCredential=secrets:FOLDER/secrets` leaves `secrets_NAME` for each file of it.
    @Test func aSecretThatTheServiceManagerHandsOverIsReadFromThere() throws {
        try withFolder { folder in
            let source = SecretSource.file(folder + "/secrets/pg")
            let handedOver = ["CREDENTIALS_DIRECTORY": folder + "/run"]
            try FileManager.default.createDirectory(atPath: folder + "/run", withIntermediateDirectories: false)
            #expect(throws: SecretError(source: "secret file \(folder)/secrets/pg", message: "does not exist")) {
                try source.resolve(environment: handedOver)
            }
            try write("of the service", to: folder + "/run/secrets_pg")
            #expect(try source.resolve(environment: handedOver).reveal() == "of the service")
            #expect(throws: SecretError.self) { try source.resolve(environment: [:]) }
            // One that was not handed over is read from its own place.
            try write("of the file", to: folder + "/pg")
            #expect(try SecretSource.file(folder + "/pg").resolve(environment: handedOver).reveal() == "of the file")
        }
    }
}
