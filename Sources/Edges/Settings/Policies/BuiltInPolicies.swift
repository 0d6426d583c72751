/// The shipped policies, for an installation without a folder of its own. A test holds them equal to `policies/`.
enum BuiltInPolicies {
    /// In the order of their names.
    static let files: [(name: String, text: String)] = [
        (
            "10-repairs.yaml",
            """
            # What the controller may repair by itself. Policies are asked in this order, file by file in the order
            # of their names: the first one that matches a drift decides. A drift that no policy matches is reported
            # and left alone.
            #
            # A policy can only make the controller do less. Set `level: 0` and remove `action` to have a kind
            # reported and never repaired, or `level: 2` to be asked before each repair. A person is always needed
            # where a kind's own level is 2 or 3.
            #
            # `zlh-controller policy check` shows what is wrong here, and which kinds each policy decides.

            policies:
              # DNS records and the proxy's list of backends follow from the database, so they can be written again
              # at any time. Only names inside `scope` and records that are ours are touched; a foreign record holds
              # the repair. The wildcards also match dns.*.orphan: removing an orphaned record is for a person, so
              # this policy leaves those out.
              - name: edge-republish
                kinds: ["dns.public.*", "dns.internal.*", "velocity.missing", "velocity.wrong_address"]
                level: 1
                action: edge_republish
                # Seen in two looks in a row: one look may fall into the middle of a deployment.
                after: { looks: 2, for: 0s }
                # Five attempts with growing pauses, then the drift is quarantined and somebody is told.
                retry: { attempts: 5, backoff: 30s, max: 30m }
                # VMIDs that this policy never decides about.
                except: []

              # An operation whose worker is gone still blocks its server: every later one is refused. This marks it
              # stale in the database, and only if the row is still exactly as it was seen.
              - name: clear-stale-operation-lock
                kinds: ["operation.stale"]
                level: 1
                action: clear_stale_operation_lock
                after: { looks: 2, for: 0s }
                retry: { attempts: 5, backoff: 30s, max: 30m }
                except: []

              # A create that stopped half-way and whose container certainly does not exist: it is marked failed, so
              # that it can be tried again. It needs a complete listing of the cluster; with less the repair is
              # held.
              - name: fail-stuck-operation
                kinds: ["operation.stuck"]
                level: 1
                action: fail_stuck_operation
                after: { looks: 2, for: 0s }
                retry: { attempts: 5, backoff: 30s, max: 30m }
                except: []

            """
        ),
        (
            "20-limits.yaml",
            """
            # What keeps the controller from doing too much at once, when it may act at all, and who is told.

            brakes:
              # Many new drifts of one plane in one cycle are more likely one mistake than many repairs. Over
              # max(floor, percent of the instances) all of them are held until they are fewer: mend the cause,
              # or look at the report and let them run once with `zlh-controller approve PLAN_HASH`.
              mass_change: { floor: 5, percent: 20 }
              # Repairs in one minute, over all planes. What is over waits.
              budget: { per_minute: 30 }
              # Facts older than this are not acted upon.
              evidence: { max_age: 90s }
              # When our repair of one thing is undone this often within this time, somebody else is writing too: we
              # stop and say so, until as long a time has passed.
              contested: { reverts: 3, within: 1h }
              # A proxy that restarts forgets every backend, and fills its list again by itself. When it lacks more of
              # ours than it knows, or more than max(5, 20 %), nothing is registered for so long.
              proxy_restart: { settle: 2m }

            # Weekly windows, each with its own time zone. With `repairs: deny` nothing is repaired inside; a window
            # whose end is not after its start runs past midnight. An example:
            #
            #   - { days: [fri, sat], from: "20:00", to: "23:30", timezone: Europe/Berlin, repairs: deny }
            windows: []

            # Who is told about what. `webhook` is a name from `discord.webhooks` of the configuration; without any
            # webhook there nobody is told.
            notify:
              - { kinds: ["*"], min_level: 0, webhook: alerts }

            """
        ),
    ]
}
