// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "zlh-controller",
    products: [
        .executable(name: "zlh-controller", targets: ["CLI"]),
        .executable(name: "zlh-lab", targets: ["LabServer"]),
        .executable(name: "zlh-simulate", targets: ["Simulate"]),
        .executable(name: "zlh-bench", targets: ["Bench"]),
        .executable(name: "zlh-compare", targets: ["Compare"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        // What hummingbird itself is made of: the laboratory speaks HTTP one layer below it where a real server misbehaves.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    ],
    targets: [
        // The pipeline as pure, synchronous values. Standard library only: scripts/check-core holds it to that.
        .target(name: "Core"),

        // C libraries: a module map or a shim, nothing else.
        .systemLibrary(
            name: "CLibpq", path: "Sources/Native/CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // Without pkgConfig: Debian's .pc names the folder of the header itself, and the header is included by its folder.
        .systemLibrary(name: "CHiredis", path: "Sources/Native/CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(
            name: "CCurl", path: "Sources/Native/CCurl",
            linkerSettings: [.linkedLibrary("curl"), .linkedLibrary("ssl"), .linkedLibrary("crypto")]),

        // One folder for each thing outside the process.
        .target(name: "Blocking", dependencies: ["Core"], path: "Sources/Edges/Blocking"),
        .target(
            name: "Postgres", dependencies: ["Blocking", "Core", "CLibpq"], path: "Sources/Edges/Postgres",
            resources: [.embedInCode("Migrations")]),
        .target(name: "Redis", dependencies: ["Blocking", "Core", "CHiredis"], path: "Sources/Edges/Redis"),
        .target(name: "Curl", dependencies: ["Core", "CCurl"], path: "Sources/Edges/Curl"),
        .target(name: "Platform", dependencies: ["Core", "Curl", "Redis"], path: "Sources/Edges/Platform"),
        .target(
            name: "Settings", dependencies: ["Core", .product(name: "Yams", package: "Yams")],
            path: "Sources/Edges/Settings"),
        .target(name: "Fixtures", dependencies: ["Core"], path: "Sources/Edges/Fixtures"),

        .target(
            name: "Runtime",
            dependencies: ["Core", "Curl", "Fixtures", "Platform", "Postgres", "Redis", "Settings"]),

        // The other side: one pure model of an estate, simulated or served over HTTP.
        .target(name: "World", dependencies: ["Core"]),
        .target(name: "Simulation", dependencies: ["Core", "World"]),
        .executableTarget(
            name: "Simulate",
            dependencies: ["Core", "Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Core", "Curl", "Platform", "Postgres", "Runtime", "Settings", "World",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(
            name: "Lab",
            dependencies: [
                "Core", "World", .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ]),
        .executableTarget(
            name: "LabServer",
            dependencies: [
                "Core", "Lab", "World", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        .target(
            name: "ControlAPI",
            dependencies: [
                "Core", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .executableTarget(
            name: "CLI",
            dependencies: [
                "ControlAPI", "Core", "Curl", "Fixtures", "Platform", "Postgres", "Runtime", "Settings",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        // Helpers of tests are ordinary targets; test targets stay thin.
        .target(name: "TestSupport", dependencies: ["Core"], path: "Tests/Support"),
        // Proofs that run longer by themselves than among the tests: `make fuzz`, `make compare`.
        .target(
            name: "Proof",
            dependencies: [
                "Core", "Curl", "Fixtures", "Platform", "Postgres", "Redis", "Settings", "TestSupport", "World",
            ],
            path: "Tests/Proof"),
        .executableTarget(
            name: "Compare",
            dependencies: ["Proof", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/Compare"),
        .testTarget(name: "ProofTests", dependencies: ["Core", "Proof"]),
        .testTarget(name: "CoreTests", dependencies: ["Core", "TestSupport", "World"]),
        .testTarget(
            name: "FixturesTests", dependencies: ["Core", "Fixtures", "Runtime", "Settings", "TestSupport", "World"]),
        .testTarget(
            name: "SettingsTests", dependencies: ["Core", "Settings", .product(name: "Yams", package: "Yams")]),
        .testTarget(name: "PostgresTests", dependencies: ["Core", "Postgres", "TestSupport"]),
        .testTarget(name: "QueueTests", dependencies: ["Core", "Platform", "Redis", "TestSupport", "World"]),
        .testTarget(
            name: "PlatformTests",
            dependencies: [
                "CCurl", "Core", "Curl", "Lab", "Platform", "Postgres", "Redis", "TestSupport", "World",
            ]),
        .testTarget(
            name: "LeadTests", dependencies: ["Core", "Postgres", "Redis", "Runtime", "Settings", "TestSupport"]),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "ControlAPI", "Core", "Curl", "Platform", "Postgres", "Runtime", "Settings", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "SimulationTests", dependencies: ["Core", "Simulation", "World"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Core", "Fixtures", "Lab", "Postgres", "Redis", "Runtime", "Settings", "TestSupport", "World",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// Needs libFuzzer's runtime, which only `swift build --sanitize fuzzer` links: see `make fuzz`.
if Context.environment["ZLH_FUZZ"] != nil {
    package.products.append(.executable(name: "zlh-fuzz", targets: ["Fuzz"]))
    package.targets += [
        .target(name: "CFuzzer", path: "Tests/CFuzzer"),
        .executableTarget(name: "Fuzz", dependencies: ["CFuzzer", "Proof"], path: "Tests/Fuzz"),
    ]
}

for target in package.targets where target.type != .system && !["CCurl", "CFuzzer"].contains(target.name) {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .treatWarning("StrictLanguageFeatures", as: .error),
    ]
}
