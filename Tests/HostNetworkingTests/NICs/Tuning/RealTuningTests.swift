import Dom0
import Foundation
import JSON
import Testing
import XenAPI

@testable import HostNetworking

/// What these tests need of the machine. Continuous integration has it: there, what is missing fails them instead of sparing them.
enum RealNIC {
  static let mayRun: Bool = {
    if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
    let folders = Command.path.split(separator: ":")
    return geteuid() == 0
      && ["unshare", "nsenter", "ip", "ethtool"].allSatisfy { name in
        folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
      }
  }()
}

/// A real NIC of the kernel's, a veth, in a network namespace of its own, set with the real ethtool. What is compared is what
/// `ethtool -k` says in the same run: kernels differ.
@Suite(.serialized, .enabled(if: RealNIC.mayRun, "Needs unshare, nsenter, ip, ethtool and root."))
struct RealTuningTests {
  /// Ends, and with it the namespace, when the body does.
  private func withNIC(_ body: (HostSystem) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nic-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    holder.arguments = [
      "--net", "--pid", "--fork", "--kill-child", "sh", "-c",
      "ip link add eth0 type veth peer name port0 && ip link set eth0 up && ip link set port0 up && touch ready && exec cat >/dev/null",
    ]
    holder.currentDirectoryURL = URL(fileURLWithPath: folder)
    holder.environment = ["PATH": Command.path, "LC_ALL": "C"]
    let line = Pipe()
    holder.standardInput = line
    holder.standardOutput = FileHandle.nullDevice
    try holder.run()
    defer {
      try? line.fileHandleForWriting.close()
      holder.waitUntilExit()
    }
    for _ in 0..<400 where !FileManager.default.fileExists(atPath: "\(folder)/ready") { try await Task.sleep(for: .milliseconds(25)) }
    try #require(FileManager.default.fileExists(atPath: "\(folder)/ready"))
    try await body(HostSystem(root: folder, tools: InNamespace(process: holder.processIdentifier)))
  }

  private struct InNamespace: ToolRunner {
    let process: Int32

    func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
      var inside = command
      inside.arguments = ["nsenter", "--target=\(process)", "--net"] + inside.arguments
      return try await LocalTools().run(inside)
    }
  }

  private func text(_ system: HostSystem) async throws -> String {
    try await system.tools.run(Command(["ethtool", "-k", "eth0"])).text
  }

  @Test(arguments: NICFeature.allCases)
  func everyFeatureIsSetAsPlannedAndPutBackExactly(_ feature: NICFeature) async throws {
    try await withNIC { system in
      let before = try await text(system)
      let features = EthtoolFeature.parse(before)
      let hands = TuningHands(system)
      guard let now = features[feature] else { return }
      let wanted = !now.isOn
      if now.isFixed {
        await #expect(throws: ChangeFailure.self) { try await hands.perform(.setFeatures("eth0", [feature.rawValue: wanted])) }
        #expect(try await text(system) == before)
        return
      }
      #expect(try await hands.perform(.setFeatures("eth0", [feature.rawValue: now.isOn])) == .wasSo)
      #expect(try await hands.perform(.setFeatures("eth0", [feature.rawValue: wanted])) == .done)
      #expect(EthtoolFeature.parse(try await text(system))[feature]?.isOn == wanted)
      #expect(try await hands.perform(.setFeatures("eth0", features.exactly([feature]))) == .done)
      #expect(try await text(system) == before)
    }
  }

  /// Switching TSO sets all of its parts; one that was otherwise is so again.
  @Test func aPartThatWasOtherwiseIsPutBack() async throws {
    try await withNIC { system in
      _ = try await system.tools.run(Command(["ethtool", "-K", "eth0", "tx-tcp-mangleid-segmentation", "off"]))
      let before = try await text(system)
      let features = EthtoolFeature.parse(before)
      #expect(features.exactly([.tso]) == ["tso": true, "tx-tcp-mangleid-segmentation": false])
      let hands = TuningHands(system)
      #expect(try await hands.perform(.setFeatures("eth0", ["tso": false])) == .done)
      #expect(try await hands.perform(.setFeatures("eth0", features.exactly([.tso]))) == .done)
      #expect(try await text(system) == before)
    }
  }

  /// What the planner says of features that stand on each other is what this kernel does.
  @Test(arguments: [NICFeature.tx, .sg])
  func dependenciesAreThoseOfTheKernel(_ feature: NICFeature) async throws {
    try await withNIC { system in
      let client = TuningLook.offline(system)
      let nic = await client.live("eth0")
      var request = TuningRequest(device: "eth0")
      request.set(feature, false, .now)
      let planner = TuningPlanner(request, TuningFacts(source: .files("", [], isHAArmed: false), nics: [nic]))
      let work = try #require(planner.works.first)
      let also = Set(planner.alsoChanged(work).map(\.feature))
      _ = try await TuningHands(system).perform(.setFeatures("eth0", work.features))
      let after = EthtoolFeature.parse(try await text(system))
      for other in NICFeature.allCases where other != feature {
        guard let was = nic.features[other] else { continue }
        // Newer kernels have a part of TSO that stands on nothing: the whole counts as on.
        let stays = after.contains { other.isPart($0.name) && $0.isOn && !$0.isFixed }
        #expect((after[other]?.isOn != was.isOn) == (also.contains(other) && !stays), "\(other)")
      }
    }
  }

  @Test func ringsAreSetWhereThereAreAny() async throws {
    try await withNIC { system in
      let hands = TuningHands(system)
      guard let rings = try? await EthtoolRings.read("eth0", on: system), let most = rings.most["RX"], most > 1 else {
        let failure = await #expect(throws: ChangeFailure.self) { try await hands.perform(.setRings("eth0", ["RX": 64])) }
        #expect(failure?.text.hasPrefix("eth0 cannot be asked for its rings") == true)
        return
      }
      let now = try #require(rings.current["RX"])
      let wanted = now == most ? most / 2 : most
      #expect(try await hands.perform(.setRings("eth0", ["RX": wanted])) == .done)
      #expect(try await hands.perform(.setRings("eth0", ["RX": now])) == .done)
      #expect(try await EthtoolRings.read("eth0", on: system) == rings)
    }
  }

  @Test func aNICThatIsNotThere() async throws {
    try await withNIC { system in
      let failure = await #expect(throws: ChangeFailure.self) { try await TuningHands(system).perform(.setFeatures("eth7", ["tx": false])) }
      #expect(failure?.text.hasPrefix("eth7 cannot be asked for its settings") == true)
      // A veth has no speed to be set: the failure says what ethtool says.
      await #expect(throws: ChangeFailure.self) {
        try await TuningHands(system).perform(.setLinkMode("eth0", LinkMode(speed: 100, isFullDuplex: true, negotiates: true)))
      }
    }
  }
}

extension TuningLook {
  /// Without anybody who would answer as XAPI.
  static func offline(_ system: HostSystem) -> TuningLook { TuningLook(XenClient(.unixSocket(path: "/nonexistent")), system) }
}

/// What is written down of these changes.
struct TuningRecordTests {
  @Test(arguments: [
    ChangeAction.applyMTU(pif: "u", name: "eth2 of xcp2", mtu: 9000), .setNetworkMTU("u", 1500), .setFCoE(false),
    .putBackUnits([UnitState(name: "fcoe", isActive: true, file: "enabled"), UnitState(name: "xs-fcoe", isActive: false, file: "masked")]),
    .setFeatures("eth1", ["tx": false, "tso": true]), .setRings("eth1", ["RX": 4096]),
    .setLinkMode("eth1", LinkMode(speed: 100, isFullDuplex: false, negotiates: false)), .setLinkMode("eth1", LinkMode()),
    .setOtherConfig("eth1", ["ethtool-tx": "off", "ethtool-tso": nil]),
  ])
  func anActionIsReadBackAsItWasWritten(_ action: ChangeAction) throws {
    #expect(ChangeAction(try JSONValue(parsing: action.json.encoded)) == action)
  }

  @Test(arguments: ["{\"do\":\"apply-mtu\",\"pif\":\"u\"}", "{\"do\":\"put-back-units\",\"units\":[{\"name\":\"a\"}]}"])
  func whatIsNoActionIsNone(_ text: String) throws { #expect(ChangeAction(try JSONValue(parsing: Array(text.utf8))) == nil) }
}
