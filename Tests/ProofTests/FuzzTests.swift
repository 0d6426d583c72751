import Foundation
import Proof
import Testing

/// The short run of `make fuzz`: the corpus of every decoder, and some thousand mutations of it.
@Suite struct FuzzTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Corpus")

    private static func mutations(_ decoder: Decoder) -> Int {
        switch decoder {
        // Each is a connection of its own.
        case .redis: 1000
        case .policies, .configuration, .fixture: 800
        default: 4000
        }
    }

    /// The proof about Redis waits for a task, and two of them would have all threads of a small machine wait for one.
    private static func onItsOwnThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { done in Thread.detachNewThread { done.resume(returning: body()) } }
    }

    @Test(arguments: Decoder.allCases) func nothingBrokenIsRead(_ decoder: Decoder) async throws {
        let corpus = try Corpus.load(decoder, from: Self.folder)
        #expect(corpus.count >= 2)
        let seed: UInt64 = 20_260_301
        let run = await Self.onItsOwnThread {
            FuzzRun(decoder, corpus: corpus.map(\.bytes), mutations: Self.mutations(decoder), seed: seed)
        }
        print(
            "fuzz \(decoder.rawValue): \(run.inputs) inputs, \(run.read) read, \(run.gone) believed gone, "
                + "slowest \(run.slowest)")
        for failure in run.failures.prefix(5) {
            Issue.record("\(failure.what): \(String(decoding: failure.input.prefix(2000), as: UTF8.self))")
        }
        // A proof that refuses everything proves nothing.
        #expect(run.read + run.gone > 0)
    }

    /// What each corpus shows as it stands, so that the proofs start from where they should.
    @Test(arguments: [
        (Decoder.proxmoxResources, "healthy.json", Decoder.Outcome.read), (.proxmoxResources, "loose.json", .read),
        (.proxmoxStatus, "healthy.json", .gone), (.proxmoxStatus, "outside.json", .refused),
        (.proxmoxPermissions, "not-propagated.json", .read), (.proxmoxInterfaces, "healthy.json", .read),
        (.proxmoxInterfaces, "at-rest.json", .refused), (.cloudflare, "healthy.json", .read),
        (.cloudflare, "loose.json", .read), (.cloudflare, "refused.json", .refused),
        (.technitium, "healthy.json", .read),
        (.technitium, "forwarder.json", .read), (.technitium, "torn.json", .refused), (.agent, "healthy.json", .read),
        (.agent, "elsewhere.json", .refused), (.agent, "control-character.json", .refused),
        (.velocity, "no-utf-8.json", .refused), (.proxmoxResources, "node-twice.json", .refused),
        (.fixture, "control-character.json", .refused), (.proxmoxPermissions, "comma-before-brace.json", .refused),
        (.proxmoxPermissions, "leading-zero.json", .refused), (.proxmoxStatus, "two-clusters.json", .refused),
        (.velocity, "healthy.json", .read), (.velocity, "no-list.json", .refused),
        (.proxmoxTasks, "healthy.json", .read), (.proxmoxTasks, "ours.json", .gone),
        (.proxmoxTasks, "ended.json", .gone), (.proxmoxTasks, "whole-node.json", .read),
        (.proxmoxTasks, "null.json", .refused),
        (.proxmoxTasks, "odd-type.json", .read), (.ledger, "leading-zero.json", .refused),
        (.cloudflareChange, "created.json", .gone),
        (.cloudflareChange, "nothing.json", .read), (.cloudflareChange, "refused.json", .refused),
        (.technitiumSession, "administrator.json", .gone), (.technitiumSession, "viewer.json", .read),
        (.technitiumSession, "refused.json", .refused), (.discord, "shown.http", .gone),
        (.discord, "limited.http", .read), (.discord, "page.http", .read), (.ledger, "surplus.json", .read),
        (.ledger, "backend.json", .read), (.ledger, "later.json", .refused), (.values, "offset.txt", .read),
        (.values, "lock.txt", .read), (.values, "nothing.txt", .refused),
        (.values, "date.txt", .read), (.versions, "node.json", .read), (.versions, "agent.json", .read),
        (.versions, "number.json", .refused), (.redis, "present.resp", .read), (.redis, "gone.resp", .gone),
        (.redis, "refused.resp", .refused),
        (.policies, "small.yaml", .read), (.configuration, "example.yaml", .read), (.fixture, "smallest.json", .read),
        (.fixture, "queues.json", .read),
    ])
    func seedsAreWhatTheyAreFor(_ decoder: Decoder, _ name: String, _ outcome: Decoder.Outcome) async throws {
        let bytes = try #require(try Corpus.load(decoder, from: Self.folder).first { $0.name == name }).bytes
        #expect(await Self.onItsOwnThread { decoder.outcome(bytes) } == outcome)
    }
}
