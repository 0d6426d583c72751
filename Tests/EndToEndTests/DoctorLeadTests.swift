import Core
import Foundation
import Lab
import Postgres
import Settings
import TestSupport
import Testing
import World

@testable import Runtime

/// What `doctor` says of who leads, on a real database and a real Redis.
@Suite("The doctor, of who leads", .serialized)
struct DoctorLeadTests: DoctorSuite {
    @Test func whoHoldsTheLock() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            let lock = lock(scene)
            #expect(try await doctor(scene, lock).says(.database, .ok, "no controller holds the lock"))
            _ = try await scene.redis.run("SET", "zlh:controller:lock", "old-controller-1")
            #expect(
                try await doctor(scene, lock).says(.database, .fail, "another program holds the lock", do: "stop it"))
            let one = "00000000-0000-4000-8000-000000000001"
            _ = try await scene.redis.run("SET", "zlh:controller:lock", "zlh-controller/other-9/\(one)")
            #expect(try await doctor(scene, lock).says(.database, .fail, "two installations", do: "lock.key"))
            _ = try await scene.redis.run("DEL", "zlh:controller:lock")
            _ = try await scene.redis.run("LPUSH", "zlh:controller:lock", "x")
            #expect(try await doctor(scene, lock).says(.database, .fail, "no lock", do: "free key"))
            let port = try PrivatePostgres.freePort()
            let gone = try await doctor(scene) {
                lock($0).replacing("127.0.0.1:\(scene.redis.port)/0\" }\n", with: "127.0.0.1:\(port)/0\" }\n")
            }
            #expect(gone.says(.database, .fail, "does not say who holds", do: "is Redis running"))
            #expect(!gone.says(.database, .warn, ""), "nothing is told twice")
            for (password, remedy) in [(Scene.redisPassword, "+eval"), ("wrong", "redis.password")] {
                let refused = try await doctor(scene) {
                    lock($0).replacing(
                        "redis: { url: \"redis://127.0.0.1:\(scene.redis.port)/0\" }",
                        with: "redis: { url: \"redis://zlh@127.0.0.1:\(scene.redis.port)/0\", "
                            + "password: { value: \"\(password)\" } }")
                }
                #expect(refused.says(.database, .fail, "does not say who holds", do: remedy))
            }
            let asAudit = try await doctor(scene) { lock($0).replacing("zlh_run@", with: "zlh_audit@") }
            #expect(asAudit.says(.database, .warn, "may read and no more", do: "zlh_run"))
        }
    }

    /// The lock has a TTL: every policy but `noeviction` may choose its key, once there is a limit.
    @Test func whetherTheLockIsSafeThere() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            let lock = lock(scene)
            let well = try await doctor(scene, lock)
            for words in ["it needs no persistence", "drops no key (maxmemory-policy noeviction)", "lock agrees with"] {
                #expect(well.says(.database, .ok, words), "\(words)")
            }
            try await scene.redis.run("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            #expect(try await doctor(scene, lock).says(.database, .ok, "no maxmemory (maxmemory-policy allkeys-lru)"))
            try await scene.redis.run("CONFIG", "SET", "maxmemory", "100mb")
            for policy in ["allkeys-lru", "allkeys-random", "volatile-lru", "volatile-ttl"] {
                try await scene.redis.run("CONFIG", "SET", "maxmemory-policy", policy)
                #expect(
                    try await doctor(scene, lock).says(
                        .database, .warn, "may drop it when memory is short: maxmemory-policy \(policy)",
                        do: "noeviction")
                )
            }
            try await scene.redis.run("CONFIG", "SET", "maxmemory-policy", "noeviction")
            #expect(!(try await doctor(scene, lock).says(.database, .warn, "")))
            // Whoever may only lead is told what is not looked at, and whoever may ask that, too, is not.
            func asLeader(_ yaml: String) -> String {
                lock(yaml).replacing("redis://127.0.0.1", with: "redis://lead@127.0.0.1")
                    .replacing("/0\" }\n", with: "/0\", password: { value: \"lead-only\" } }\n")
            }
            let rights = [
                "on", ">lead-only", "~zlh:controller:lock", "+get", "+set", "+del", "+pttl", "+pexpire", "+eval",
            ]
            try await scene.redis.run(["ACL", "SETUSER", "lead"] + rights)
            let blind = try await doctor(scene, asLeader)
            #expect(blind.says(.database, .ok, "no controller holds the lock"))
            #expect(
                blind.says(.database, .warn, "does not answer this user INFO, ROLE, TIME", do: "+info +role +time"))
            #expect(blind.all(.database, .warn).count == 1, "nothing is told twice")
            try await scene.redis.run("ACL", "SETUSER", "lead", "+info", "+time")
            #expect(
                try await doctor(scene, asLeader).says(.database, .warn, "answer this user ROLE", do: "grant +role"))
            try await scene.redis.run("ACL", "SETUSER", "lead", "+role")
            #expect(!(try await doctor(scene, asLeader).says(.database, .warn, "")))
            // Nobody is there to be copied: it is a replica all the same.
            try await scene.redis.run("REPLICAOF", "127.0.0.1", String(try PrivatePostgres.freePort()))
            #expect(try await doctor(scene, lock).says(.database, .fail, "no master (role slave)", do: "at the master"))
        }
    }

    @Test func aSecondControllerWithALockOfItsOwn() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            let lock = lock(scene)
            let (one, two) = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002")
            #expect(!(try await doctor(scene, lock).says(.database, .warn, "")))
            _ = try scene.sql(
                "update controller.leadership set epoch = 7, holder = '\(one)', taken_at = now(), closed_at = null")
            let free = try await doctor(scene, lock)
            #expect(
                free.says(
                    .database, .warn, "the leadership row names \(one), epoch 7", do: "another redis.url or lock.key"))
            _ = try await scene.redis.run("SET", "zlh:controller:lock", "zlh-controller/demo-1/\(two)")
            let other = try await doctor(scene, lock)
            #expect(other.says(.database, .warn, "\(two) holds the lock", do: "another redis.url or lock.key"))
            _ = try await scene.redis.run("SET", "zlh:controller:lock", "zlh-controller/demo-1/\(one)")
            let own = try await doctor(scene, lock)
            #expect(
                own.says(.database, .ok, "names the holder of the lock, epoch 7") && !own.says(.database, .warn, ""))
            let configuration = try await scene.configuration(lock)
            let stance = Stance(Duty(configuration), try configuration.loadPolicies())
            _ = try scene.sql("update controller.leadership set note = '\(stance.text)'")
            #expect(
                try await doctor(scene, lock).says(
                    .database, .ok, "works in this mode, with these policies and this scope"))
            _ = try scene.sql("update controller.leadership set note = 'mode=repair policies=sha256:0'")
            #expect(try await doctor(scene, lock).says(.database, .warn, "works otherwise", do: "same configuration"))
            _ = try scene.sql("update controller.leadership set closed_at = now()")
            #expect(!(try await doctor(scene, lock).says(.database, .warn, "")))
        }
    }
}
