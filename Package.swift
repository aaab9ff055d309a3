// swift-tools-version: 6.2

import PackageDescription

/// What every target of ours is compiled with: one list, so that no module is laxer than another.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let metricsTesting = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let lifecycleTesting = Target.Dependency.product(
    name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle")
let memoryLogging = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let database = Target.Dependency.product(
    name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"]))

/// TLS, which hiredis has in some versions only, comes from these.
let tls = [
    ("NIOCore", "swift-nio"), ("NIOPosix", "swift-nio"), ("NIOTLS", "swift-nio"), ("NIOSSL", "swift-nio-ssl"),
].map { Target.Dependency.product(name: $0.0, package: $0.1, condition: .when(traits: ["TLS"])) }

/// Homebrew's folder is not searched by itself. Elsewhere pkg-config only adds a flag that SwiftPM warns of.
#if os(macOS)
let hiredisConfiguration: String? = "hiredis"
#else
let hiredisConfiguration: String? = nil
#endif

let package = Package(
    name: "redstream",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "redstream", targets: ["RedstreamTool"]),
        .library(name: "Redstream", targets: ["Redstream"]),
        .library(name: "RedstreamGRDB", targets: ["RedstreamGRDB"]),
    ],
    traits: [
        .default(enabledTraits: ["TLS", "GRDB"]),
        .trait(name: "TLS", description: "Encrypted connections, rediss://, through swift-nio-ssl."),
        .trait(name: "GRDB", description: "Records of GRDB that announce their changes: the product RedstreamGRDB."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    ],
    targets: [
        .systemLibrary(
            name: "CHiredis",
            pkgConfig: hiredisConfiguration,
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]
        ),
        .target(name: "RedstreamSystem", swiftSettings: strict),
        .target(
            name: "RedstreamConnection",
            dependencies: ["CHiredis", "RedstreamSystem"] + tls,
            swiftSettings: strict
        ),
        .target(
            name: "Redstream",
            dependencies: ["RedstreamConnection", "RedstreamSystem", logging, metrics, lifecycle],
            swiftSettings: strict
        ),
        .target(
            name: "RedstreamGRDB",
            dependencies: ["Redstream", "RedstreamConnection", database, logging, metrics],
            swiftSettings: strict
        ),
        .systemLibrary(
            name: "CEditline",
            providers: [.apt(["libedit-dev"]), .brew(["libedit"])]
        ),
        .target(
            name: "LineEditing",
            dependencies: ["CEditline", "RedstreamSystem"],
            swiftSettings: strict
        ),
        .target(
            name: "RedstreamCLI",
            dependencies: [
                "Redstream", "RedstreamConnection", "RedstreamSystem", "LineEditing", arguments, logging, lifecycle,
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "RedstreamTool",
            dependencies: ["RedstreamCLI", "RedstreamSystem"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "shop-example",
            dependencies: [
                "RedstreamGRDB", "Redstream", "RedstreamConnection", arguments, database, lifecycle, logging, signals,
            ],
            path: "Examples/shop/Sources",
            swiftSettings: strict
        ),
        .target(
            name: "TestSupport",
            dependencies: ["Redstream", "RedstreamConnection", "RedstreamSystem"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .target(
            name: "Torture",
            dependencies: ["TestSupport", "Redstream", "RedstreamConnection", "RedstreamSystem"],
            path: "Tests/Torture",
            exclude: ["README.md"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "TortureTool",
            dependencies: ["Torture", arguments],
            path: "Tests/TortureTool",
            swiftSettings: strict
        ),
        .testTarget(
            name: "TortureTests",
            dependencies: ["Torture", "RedstreamTool", "Redstream", "RedstreamConnection", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RedstreamSystemTests",
            dependencies: ["RedstreamSystem", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RedstreamConnectionTests",
            dependencies: ["RedstreamConnection", "Redstream", "RedstreamSystem", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RedstreamTests",
            dependencies: [
                "Redstream", "RedstreamConnection", "RedstreamSystem", "TestSupport", logging, lifecycleTesting,
                memoryLogging, metrics, metricsTesting,
            ],
            exclude: ["Records/stream-names.tsv", "Sharding/shards.tsv"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RedstreamGRDBTests",
            dependencies: [
                "RedstreamGRDB", "Redstream", "RedstreamConnection", "TestSupport", database, logging, memoryLogging,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "LineEditingTests",
            dependencies: ["LineEditing", "RedstreamSystem", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RedstreamCLITests",
            dependencies: [
                "RedstreamCLI", "RedstreamTool", "Redstream", "RedstreamConnection", "RedstreamSystem", "TestSupport",
                arguments,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ExampleTests",
            dependencies: [
                "RedstreamTool", "shop-example", "Redstream", "RedstreamConnection", "RedstreamSystem", "TestSupport",
                database,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DocumentationTests",
            dependencies: [
                "Redstream", "RedstreamGRDB", "RedstreamConnection", "RedstreamSystem", "TestSupport", database,
                logging,
                lifecycle, signals,
            ],
            swiftSettings: strict
        ),
    ]
)
