import Core
import Foundation
import Testing

/// Every fault at every observer.
@Suite struct FaultMatrixTests {
    private static let cells = Witnesses.all.indices.flatMap { witness in Fault.allCases.map { (witness, $0) } }

    /// Short where the fault is that nothing comes; otherwise long enough for any machine.
    private static func timeout(_ fault: Fault) -> Span {
        fault == .hang || fault == .slowDrip ? .milliseconds(300) : .seconds(20)
    }

    @Test(arguments: Witnesses.all.indices) func whatIsHealthyIsSeen(_ index: Int) async throws {
        let witness = Witnesses.all[index]
        let server = try await FaultyServer(witness.healthy)
        #expect(try await witness.look(at: [server.port], timeout: .seconds(20), isPermitted: true) == .present)
    }

    @Test(arguments: cells) func noFaultIsAnAbsence(_ index: Int, _ fault: Fault) async throws {
        let witness = Witnesses.all[index]
        let timeout = Self.timeout(fault)
        switch witness.cell(fault) {
        case .unknown(let reason, let serving):
            let server = try await FaultyServer(serving)
            let seen = try await witness.look(at: [server.port], timeout: timeout, isPermitted: true)
            #expect(seen == .unknown(reason), "\(witness.name), \(fault.rawValue)")
        case .held(let reason, let serving):
            let server = try await FaultyServer(serving)
            let seen = try await witness.look(at: [server.port], timeout: timeout, isPermitted: true)
            #expect(seen == .held(reason), "\(witness.name), \(fault.rawValue)")
        case .unknownInSecondLook(let reason, let first, let second):
            let servers = (try await FaultyServer(first), try await FaultyServer(second))
            let ports = [servers.0.port, servers.1.port]
            let seen = try await witness.look(at: ports, timeout: timeout, isPermitted: true)
            #expect(seen == .unknown(reason), "\(witness.name), \(fault.rawValue)")
        case .seen(let serving):
            let server = try await FaultyServer(serving)
            let seen = try await witness.look(at: [server.port], timeout: timeout, isPermitted: true)
            #expect(seen == .present, "\(witness.name), \(fault.rawValue)")
        case .notAsked(let reason):
            let server = try await FaultyServer(witness.healthy)
            let seen = try await witness.look(at: [server.port], timeout: timeout, isPermitted: false)
            #expect(seen == .unknown(reason), "\(witness.name), \(fault.rawValue)")
        case .cannotHappen(let why): #expect(why.count > 10)
        }
    }

    /// `ZLH_WRITE_MATRIX=1 swift test --filter FaultMatrix` writes the file anew.
    @Test func theTableSaysTheSame() throws {
        if ProcessInfo.processInfo.environment["ZLH_WRITE_MATRIX"] != nil {
            try FaultMatrix.document.write(to: FaultMatrix.file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: FaultMatrix.file, encoding: .utf8) == FaultMatrix.document)
    }
}
