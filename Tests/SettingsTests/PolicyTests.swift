import Core
import Settings
import Testing

@Suite struct PolicyTests {
    @Test(arguments: [
        (
            "kinds: [dns.public.a_mising], level: 1, action: edge_republish",
            ".kinds[0]: `dns.public.a_mising` matches no kind of drift; did you mean `dns.public.a_missing`?"
        ),
        (
            "kinds: [\"velocty.*\"], level: 0",
            ".kinds[0]: `velocty.*` matches no kind of drift; did you mean `velocity.*`?"
        ),
        ("kinds: [], level: 0", ".kinds: needs at least one of: kinds such as dns.public.*"),
        (
            "kinds: [container.missing], level: 1",
            ".kinds[0]: level 1 is not possible for `container.missing`: container.missing is level 3; write level 0 or"
        ),
        (
            "kinds: [dns.public.orphan], level: 1, action: edge_republish",
            ".kinds[0]: level 1 is not possible for `dns.public.orphan`: dns.public.orphan is level 3; write level 0 or"
        ),
        (
            "kinds: [queue.stalled], level: 1",
            ".kinds[0]: level 1 is not possible for `queue.stalled`: queue.stalled is level 0; write level 0"
        ),
        (
            "kinds: [velocity.ghost], level: 1",
            ".kinds[0]: level 1 is not possible for `velocity.ghost`: velocity.ghost is level 2; write level 0 or 2"
        ),
        (
            "kinds: [operation.stale], level: 3",
            ".kinds[0]: level 3 is not possible for `operation.stale`: operation.stale is level 1; write level 0, 1"
        ),
        (
            "kinds: [\"velocity.*\"], level: 1, action: edge_republish",
            ".kinds[0]: level 1 is not possible for `velocity.*`: velocity.ghost is level 2; write level 0 or 2"
        ),
        (
            "kinds: [\"queue.*\"], level: 1",
            ".kinds[0]: level 1 is not possible for `queue.*`: queue.stalled is level 0"
        ),
        (
            "kinds: [\"allocation.*\"], level: 1",
            ".kinds[0]: level 1 is not possible for `allocation.*`: allocation.duplicate_vmid is level 3"
        ),
        (
            "kinds: [operation.stale], level: 1",
            ": has level 1 and needs an action: clear_stale_operation_lock"
        ),
        (
            "kinds: [operation.stale], level: 2",
            ": has level 2 and needs an action: clear_stale_operation_lock"
        ),
        (
            "kinds: [operation.stale], level: 0, action: clear_stale_operation_lock",
            ".action: level 0 only reports, so it takes no action; remove action or raise the level"
        ),
        (
            "kinds: [operation.stale, operation.stuck], level: 1, action: clear_stale_operation_lock",
            ".action: `clear_stale_operation_lock` is not right for all its kinds: operation.stuck is mended by "
                + "fail_stuck_operation; give those kinds a policy of their own"
        ),
        (
            "kinds: [velocity.ghost], level: 2, action: edge_republish",
            ".action: `edge_republish` is not right for all its kinds: velocity.ghost has no action, a person mends it"
        ),
        (
            "kinds: [operation.stale], level: 1, action: clear_stale_operation",
            ".action: `clear_stale_operation` is not an action; did you mean `clear_stale_operation_lock`?"
        ),
        (
            "kinds: [container.stopped], level: 2, action: start_container",
            ".action: `start_container` is not available in this version; remove action, and the drift is left"
        ),
        ("kinds: [\"*\"], level: 4", ".level: 4 is out of range: a level is from 0 to 3"),
        ("kinds: [\"*\"], level: high", ".level: `high` is not a level"),
        ("kinds: [\"*\"]", ".level: is required: 0 report, 1 automatic, 2 asks, 3 a person"),
        (
            "kinds: [\"*\"], level: 0, retry: { attempts: 0 }",
            ".retry.attempts: 0 is out of range: a number of attempts is from 1 to 100"
        ),
        (
            "kinds: [\"*\"], level: 0, retry: { backoff: 2h, max: 30m }",
            ".retry.max: max (30m) is shorter than backoff (2h)"
        ),
        (
            "kinds: [\"*\"], level: 0, retry: { atempts: 3 }",
            ".retry.atempts: unknown key; did you mean `attempts`?"
        ),
        ("kinds: [\"*\"], level: 0, after: { looks: 0 }", ".after.looks: 0 is out of range"),
        ("kinds: [\"*\"], level: 0, after: { for: 10 }", ".after.for: `10` has no unit"),
        ("kinds: [\"*\"], level: 0, except: [5001, 50x]", ".except[1]: `50x` is not a VMID"),
        ("kinds: [\"*\"], level: 0, exept: [5001]", ".exept: unknown key; did you mean `except`?"),
    ])
    func eachRuleOfAPolicy(keys: String, expected: String) {
        let lint = lint(policy(keys))
        #expect(lint.policies == nil)
        #expect(lint.description.hasPrefix("a.yaml:1: policies[0]\(expected)"), "\(lint)")
        #expect(lint.problems.count == 1, "\(lint)")
    }

    @Test(arguments: DriftKind.allCases)
    func aKindMayBeTakenAtItsOwnLevelOrZeroAndOnlyLevelOneAtTwo(kind: DriftKind) {
        for level in Level.allCases {
            let isRight = level == .report || level == kind.level || (level == .disruptive && kind.level == .automatic)
            let action = level == .report ? nil : kind.action.map { ", action: \($0.rawValue)" }
            let lint = lint(policy("kinds: [\(kind.rawValue)], level: \(level.rawValue)" + (action ?? "")))
            #expect((lint.policies != nil) == isRight, "\(lint)")
        }
    }

    @Test func aWildcardAtLevelZeroDecidesAllThatItMatches() throws {
        let set = try #require(lint(policy("kinds: [\"*\"], level: 0")).policies)
        #expect(DriftKind.allCases.allSatisfy { set.policy(for: $0, vmid: nil)?.level == .report })
    }

    @Test func aWildcardAtLevelTwoLeavesOutWhatAPersonDoes() throws {
        let loaded = try #require(lint(policy("kinds: [\"container.*\"], level: 2")).loaded.first)
        #expect(
            loaded.kinds == [.containerStopped, .containerRunning, .containerSuspendedRunning, .containerNodeOffline])
        #expect(loaded.passesOver.contains(.containerMissing) && loaded.passesOver.contains(.containerLocked))
    }

    @Test func declaredOrderIsKeptWithoutRepetition() throws {
        let text = policy(
            "kinds: [velocity.missing, dns.public.srv_wrong, \"dns.public.*\"], level: 1, action: edge_republish")
        let kinds = try #require(lint(text).loaded.first?.kinds)
        #expect(kinds.prefix(3) == [.velocityMissing, .publicSRVWrong, .publicAMissing])
        #expect(Set(kinds).count == kinds.count && kinds.count == 7)
    }

    @Test func policiesThatCanNeverMatchAreToldWithWhatIsBeforeThem() {
        func both(_ first: String, _ second: String) -> String {
            lint(
                "policies:\n  - { name: a, kinds: [\"queue.*\"], level: 0\(first) }\n"
                    + "  - { name: b, kinds: [queue.stalled], level: 0\(second) }\n"
            ).error.description
        }
        #expect(
            both("", "") == "a.yaml:3: b: can never match: what it is about is already decided by `a` (a.yaml:2), and "
                + "the first that matches decides")
        #expect(both(", except: [5001]", "") == "")
        #expect(both(", except: [5001]", ", except: [5001]").contains("can never match"))
        #expect(both(", except: [5001, 5002]", ", except: [5001]") == "")
        // Two exceptions that have nothing in common leave nothing.
        let three = lint(
            policy("kinds: [queue.stalled], level: 0, except: [5001]", name: "a"),
            policy("kinds: [queue.stalled], level: 0, except: [5002]", name: "b"),
            policy("kinds: [queue.stalled], level: 0", name: "c"))
        #expect(three.problems.map(\.path) == ["c"])
        #expect(three.description.contains("`a` (a.yaml:1), `b` (b.yaml:1)"))
    }

    @Test func aNameIsForOnePolicy() {
        let lint = lint(policy("kinds: [queue.stalled], level: 0"), policy("kinds: [queue.backlog], level: 0"))
        #expect(
            lint.description
                == "b.yaml:1: policies[0]: another policy is named `p` too (a.yaml:1); names tell them apart in reports"
        )
    }

    @Test func filesAreMergedAndAKeyBelongsToOne() throws {
        let first = policy("kinds: [queue.stalled], level: 0") + "brakes: { mass_change: { floor: 9 } }\nwindows: []\n"
        let second = "brakes: { budget: { per_minute: 3 } }\nnotify: []\n"
        let set = try #require(lint(first, second).policies)
        #expect(set.brakes.massChangeFloor == 9 && set.brakes.budgetPerMinute == 3)
        #expect(set.brakes.massChangePercent == 20)
        #expect(
            lint(first, second, "brakes: { budget: { per_minute: 4 } }\nwindows: []\n").description == """
                c.yaml:1: brakes.budget: is given twice, here and in b.yaml:1; keep one
                c.yaml:2: windows: is given twice, here and in a.yaml:3; keep one
                """)
    }

    @Test(arguments: [
        (
            "brakes: { mass_change: { percent: 101 } }",
            "brakes.mass_change.percent: 101 is out of range: a percentage is from 0 to 100"
        ),
        ("brakes: { mass_change: { percent: -1 } }", "brakes.mass_change.percent: -1 is out of range"),
        ("brakes: { mass_change: { percent: 20% } }", "brakes.mass_change.percent: `20%` is not a percentage"),
        ("brakes: { budget: { per_minute: 0 } }", "brakes.budget.per_minute: 0 is out of range"),
        ("brakes: { evidence: { max_age: 90 } }", "brakes.evidence.max_age: `90` has no unit"),
        ("brakes: { contested: { reverts: 0 } }", "brakes.contested.reverts: 0 is out of range"),
        ("brakes: { masschange: {} }", "brakes.masschange: unknown key; did you mean `mass_change`?"),
        (
            "windows: [{ days: [monday], from: 1:00, to: 02:00, timezone: UTC, repairs: deny }]",
            "windows[0].days[0]: `monday` is not a day"
        ),
        (
            "windows: [{ days: [Mon], from: 01:00, to: 02:00, timezone: UTC, repairs: deny }]",
            "windows[0].days[0]: `Mon` is not a day; did you mean `mon`?"
        ),
        (
            "windows: [{ days: [], from: 01:00, to: 02:00, timezone: UTC, repairs: deny }]",
            "windows[0].days: needs at least one of: days, mon to sun"
        ),
        (
            "windows: [{ days: [mon], from: 24:00, to: 02:00, timezone: UTC, repairs: deny }]",
            "windows[0].from: `24:00` is not a time of day"
        ),
        (
            "windows: [{ days: [mon], from: 01:00, to: 02:60, timezone: UTC, repairs: deny }]",
            "windows[0].to: `02:60` is not a time of day"
        ),
        (
            "windows: [{ days: [mon], from: 01:00, to: 02:00, timezone: Europe/Berln, repairs: deny }]",
            "windows[0].timezone: `Europe/Berln` is not a known time zone; did you mean `Europe/Berlin`?"
        ),
        (
            "windows: [{ days: [mon], from: 01:00, to: 02:00, timezone: GMT+2, repairs: deny }]",
            "windows[0].timezone: `GMT+2` is not a known time zone"
        ),
        (
            "windows: [{ days: [mon], from: 01:00, to: 02:00, timezone: UTC, repairs: no }]",
            "windows[0].repairs: `no` is not a choice; there is: allow, deny"
        ),
        ("notify: [{ kinds: [\"*\"], min_level: 0 }]", "notify[0].webhook: is required: a name from discord.webhooks"),
        ("notify: [{ kinds: [dns], webhook: alerts }]", "notify[0].kinds[0]: `dns` matches no kind of drift"),
        ("notify: { kinds: [\"*\"] }", "notify: needs a list of notifications"),
        ("polices: []", "polices: unknown key; did you mean `policies`?"),
    ])
    func eachRuleOfTheOtherKeys(line: String, expected: String) {
        let lint = lint(policy("kinds: [queue.stalled], level: 0") + line + "\n")
        #expect(lint.policies == nil)
        #expect(lint.problems.first?.description.hasPrefix("a.yaml:2: \(expected)") == true, "\(lint)")
    }

    @Test func windowsAreReadAsWritten() throws {
        let lint = lint(
            policy("kinds: [queue.stalled], level: 0")
                + "windows:\n- { days: [sun, sat], from: 22:00, to: '24:00', timezone: Europe/Berlin, repairs: deny }\n"
        )
        #expect(
            lint.policies?.windows
                == [Window(days: [0, 6], from: 1320, to: 0, timezone: "Europe/Berlin", allowsRepairs: false)])
    }

    @Test func noPolicyAtAllIsAnError() {
        #expect(
            lint("policies: []\n").description
                == "policies: holds no policy; with none the controller repairs nothing")
        #expect(lint("windows: []\n").policies == nil)
        #expect(
            PolicyFiles.lint(directory: "/nowhere/policies").description
                == "/nowhere/policies: does not exist; `policies:` in the configuration names the folder of policies")
    }
}
