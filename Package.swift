// swift-tools-version: 6.2
import PackageDescription

/// Continuous integration sets CI=true; there every warning of ours is an error.
let strict: [SwiftSetting] = Context.environment["CI"] == "true" ? [.treatAllWarnings(as: .error)] : []

/// The release build links the Swift runtime into the program: it starts in a third of the time, needs half the
/// memory, and dom0 has no Swift runtime to offer. The libraries named are those the runtime's own archives lean on.
let selfContained: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-static-stdlib", "-l_FoundationCShims", "-l_FoundationCollections", "-lswiftSynchronization",
      // What nobody calls is left out: fewer pages to load, less memory.
      "-use-ld=lld", "-Xlinker", "--gc-sections", "-Xlinker", "--icf=safe",
    ],
    .when(platforms: [.linux], configuration: .release))
]

let package = Package(
  name: "xcpconsole",
  products: [.executable(name: "xcpconsole", targets: ["xcpconsole"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.26.0"),
  ],
  targets: [
    // C shims: headers and static inline functions, nothing else.
    // No pkgConfig for ncursesw: its -D flags are "prohibited" to SwiftPM, which warns at every build. The shim defines
    // what they would, the module map names the library, and Debian keeps both in the default folders.
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncursesw5-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CLinux"),

    .target(name: "JSON", swiftSettings: strict),
    .target(
      name: "SimulatedHost",
      dependencies: ["JSON", .product(name: "FlyingSocks", package: "FlyingFox")],
      swiftSettings: strict),
    .target(name: "Dom0", dependencies: ["CLinux", "JSON"], swiftSettings: strict),
    .target(
      name: "XenAPI",
      dependencies: [
        "CCurl", "JSON", .product(name: "HashTreeCollections", package: "swift-collections"),
      ],
      swiftSettings: strict),
    .target(name: "HostNetworking", dependencies: ["XenAPI", "Dom0", "JSON"], swiftSettings: strict),
    .target(name: "TerminalUI", dependencies: ["CNcurses"], swiftSettings: strict),
    .target(
      name: "ConsoleUI", dependencies: ["TerminalUI", "HostNetworking"], swiftSettings: strict),
    .executableTarget(
      name: "xcpconsole",
      dependencies: [
        "ConsoleUI", "Dom0", "HostNetworking", "JSON", "SimulatedHost", "TerminalUI", "XenAPI",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict,
      linkerSettings: selfContained),

    .target(
      name: "TestSupport", dependencies: ["HostNetworking", "SimulatedHost"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
    .testTarget(
      name: "SimulatedHostTests", dependencies: ["SimulatedHost", "JSON"],
      resources: [.copy("Captures")], swiftSettings: strict),
    .testTarget(
      name: "XenAPITests", dependencies: ["XenAPI", "SimulatedHost", "JSON"], swiftSettings: strict),
    .testTarget(name: "Dom0Tests", dependencies: ["Dom0", "JSON"], swiftSettings: strict),
    // Stands for xe where tests run the lines that a plan shows.
    .executableTarget(name: "xe", dependencies: ["JSON", "XenAPI"], path: "Tests/ByHand", swiftSettings: strict),
    .testTarget(
      name: "HostNetworkingTests", dependencies: ["HostNetworking", "SimulatedHost", "TestSupport", "xe"],
      exclude: ["VendorReset"], swiftSettings: strict),
    .testTarget(name: "TerminalUITests", dependencies: ["TerminalUI", "CNcurses"], swiftSettings: strict),
    .testTarget(
      name: "ConsoleUITests", dependencies: ["ConsoleUI", "SimulatedHost", "TestSupport"], swiftSettings: strict),

    // The real program in a real terminal: the harness, the stories told with it, and the figures.
    .target(
      name: "EndToEndSupport", dependencies: ["CNcurses", "JSON"], path: "Tests/EndToEndTests/Support",
      swiftSettings: strict),
    .executableTarget(
      name: "bench", dependencies: ["Dom0", "EndToEndSupport", "HostNetworking", "JSON", "XenAPI"], path: "Tests/EndToEndTests/bench",
      exclude: ["run"], swiftSettings: strict, linkerSettings: selfContained),
    .testTarget(
      name: "EndToEndTests", dependencies: ["EndToEndSupport", "JSON", "xcpconsole"], path: "Tests/EndToEndTests/Stories",
      swiftSettings: strict),
  ]
)
