// swift-tools-version: 6.2

import PackageDescription

// A package of its own, since everything in it is compiled anew with the fuzzer's counters and the address sanitizer.
// Only the parts of our modules that read foreign bytes are built, by the links in Modules: none of them needs another
// package, so that this takes seconds where the whole of Redstream would take minutes.

/// The settings of the modules: optimized, but with the checks that only debug builds make.
let instrumented: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-sanitize=fuzzer,address", "-O", "-assert-config", "Debug"]),
]

let package = Package(
    name: "redstream-fuzz",
    platforms: [.macOS(.v15)],
    targets: [
        .systemLibrary(name: "CHiredis", path: "Modules/CHiredis"),
        .target(name: "RedstreamSystem", path: "Modules/RedstreamSystem", swiftSettings: instrumented),
        .target(
            name: "RedstreamConnection",
            dependencies: ["CHiredis", "RedstreamSystem"],
            path: "Modules/RedstreamConnection",
            swiftSettings: instrumented
        ),
        .target(
            name: "Redstream",
            dependencies: ["RedstreamConnection"],
            path: "Modules/Redstream",
            swiftSettings: instrumented
        ),
        .target(
            name: "LineEditing",
            path: "Modules/LineEditing",
            swiftSettings: instrumented
        ),
        .target(
            name: "RedstreamCLI",
            dependencies: ["Redstream", "RedstreamSystem"],
            path: "Modules/RedstreamCLI",
            swiftSettings: instrumented
        ),
        .executableTarget(
            name: "RedstreamFuzz",
            dependencies: ["CHiredis", "LineEditing", "RedstreamConnection", "Redstream", "RedstreamCLI"],
            path: "Sources",
            swiftSettings: instrumented,
            linkerSettings: [
                .unsafeFlags(["-sanitize=fuzzer,address"]),
                // gold, which is Swift's choice, fails on what the sanitizer exports.
                .unsafeFlags(["-use-ld=lld"], .when(platforms: [.linux])),
            ]
        ),
    ]
)
