import Dom0
import SimulatedHost
import TerminalUI
import TestSupport
import Testing
import XenAPI

@testable import ConsoleUI
@testable import HostNetworking

/// Settings of a NIC, the MTU of a network, FCoE: facts in, frames and errands out.
@Suite(.serialized) struct TuningScreenTests {
  private static let sizes = [(80, 24), (160, 50)]

  private func view(_ scenario: Scenario) async throws -> HostView {
    let simulated = try await SimulatedView(scenario)
    let view = try await simulated.view()
    await simulated.close()
    return try #require(view)
  }

  private static func tuning(kept: [String: String] = [:], bond: [String] = []) -> NICTuning {
    var nic = NICTuning(device: "eth1")
    nic.driver = "tg3"
    nic.features = EthtoolFeature.parse(
      """
      Features for eth1:
      rx-checksumming: on
      tx-checksumming: on
      scatter-gather: on
      tcp-segmentation-offload: on
      generic-segmentation-offload: on
      generic-receive-offload: on
      large-receive-offload: off [fixed]
      """)
    nic.link = try? EthtoolLink.parse(
      "Settings for eth1:\n\tSupported link modes:   100baseT/Full\n\t                        1000baseT/Full\n"
        + "\tAdvertised link modes:  100baseT/Full\n\t                        1000baseT/Full\n\tSpeed: 1000Mb/s\n\tDuplex: Full\n\tAuto-negotiation: on\n\tLink detected: yes\n")
    nic.rings = EthtoolRings.parse("Pre-set maximums:\nRX:\t511\nTX:\t511\nCurrent hardware settings:\nRX:\t200\nTX:\t511\n")
    nic.kept = KeptSettings(config: kept, properties: ["gro": "on"])
    (nic.mtu, nic.networkMTU, nic.networkName) = (1500, 1500, "DMZ")
    if !bond.isEmpty { (nic.bond, nic.members) = ("bond0", bond) }
    return nic
  }

  /// At the settings of a NIC, of which nothing has been told yet.
  private func atSettings(_ size: (Int, Int) = (80, 24)) async throws -> Desk {
    var desk = Desk(size: Size(columns: size.0, rows: size.1))
    desk.sees(try await view(.standalone))
    desk.press(.character("2"), .down, .character("a"))
    let row = try #require(desk.lines.first { $0.contains("Settings of eth1") })
    desk.press(.character(try #require(row.first { $0.isNumber })))
    return desk
  }

  @Test(arguments: sizes) func keptAndNowStandBesideEachOther(_ size: (Int, Int)) async throws {
    var desk = try await atSettings(size)
    #expect(desk.errands.names.last == "lookAtTuning")
    #expect(desk.screen.contains("Asking eth1 ..."))
    desk.hears(.tuning("eth1", .success(Self.tuning(kept: ["ethtool-tx": "off", "ethtool-tso": "no"]))))
    func row(_ label: String) throws -> String { try #require(desk.lines.first { $0.contains(label) }) }
    #expect(try row("TX checksum ").contains("off") && row("TX checksum ").contains("! not applied until it is plugged anew"))
    #expect(try row(" TSO ").contains("\"no\"") && row(" TSO ").contains("! XAPI ignores \"no\""))
    #expect(try row(" GRO ").contains("(on)"))
    #expect(try row(" LRO ").contains("off fixed"))
    #expect(try row("RX ring").contains("never") && row("RX ring").contains("200"))
    #expect(try row(" MTU ").contains("(1500)"))
    #expect(desk.lines.last?.contains("u back to the usual") == true && desk.lines.last?.contains("p presets") == true)
    // Of another NIC.
    var other = Self.tuning()
    other.device = "eth3"
    desk.hears(.tuning("eth3", .success(other)))
    #expect(desk.screen.contains("Settings of eth1 (tg3), \"DMZ\""))
  }

  @Test func theLastChangeIsTakenBackWithOneKey() async throws {
    var desk = try await atSettings()
    var nic = Self.tuning()
    desk.hears(.tuning("eth1", .success(nic)))
    #expect(desk.lines.last?.contains("u ") == false)
    desk.press(.character("u"))
    nic.wayBack = TuningPreset.corruption.request(["eth1"])
    desk.hears(.tuning("eth1", .success(nic)))
    #expect(desk.lines.last?.contains("u undo the last change") == true)
    desk.press(.character("u"))
    guard case .planChange(.tuneNIC(let request))? = desk.errands.all.last else {
      Issue.record("\(desk.errands.names)")
      return
    }
    #expect(request == nic.wayBack)
    // Once that is made, the same key makes it again.
    desk.hears(.changePlanned(.success(ChangePlan(intent: .tuneNIC(request), title: "Settings", steps: [
      ChangeStep(0, "Set it", commands: [], action: .plug("eth1"))
    ]))))
    desk.press(.character("y"))
    desk.hears(.changeOver(.done))
    desk.press(.enter)
    desk.hears(.tuning("eth1", .success(nic)))
    #expect(desk.lines.last?.contains("u make it again") == true)
  }

  @Test(arguments: sizes) func theFormAsksForWhatIsChosen(_ size: (Int, Int)) async throws {
    var desk = try await atSettings(size)
    desk.hears(.tuning("eth1", .success(Self.tuning(bond: ["eth0", "eth1"]))))
    desk.press(.down, .down, .down, .enter)
    #expect(desk.screen.contains("Change settings of eth1"))
    #expect(desk.lines.contains { $0.contains("TSO") && $0.contains("< as it is (on) >") })
    #expect(desk.screen.contains("eth0, eth1 (bond0)") && desk.screen.contains("now, and kept by XAPI"))
    #expect(!desk.screen.contains("LRO"))
    desk.press(.right, .right)
    for _ in 0..<12 where desk.errands.names.last != "planChange" { desk.press(.enter) }
    guard case .planChange(.tuneNIC(let request))? = desk.errands.all.last else {
      Issue.record("\(desk.screen)")
      return
    }
    #expect(request.devices == ["eth0", "eth1"] && request.features == ["tso": false] && request.kept == ["ethtool-tso": "off"])
    #expect(request.link == nil && request.rings.isEmpty)
  }

  @Test func whatHasNoFieldSaysSoOrLeadsWhereItIsChanged() async throws {
    var desk = try await atSettings()
    desk.hears(.tuning("eth1", .success(Self.tuning())))
    func choose(_ label: String) {
      desk.press(.home)
      for _ in 0..<20 where !desk.lines.contains(where: { $0.contains(">\(label) ") }) { desk.press(.down) }
      desk.press(.enter)
    }
    choose("LRO")
    #expect(desk.screen.contains("! LRO cannot be changed: the driver does not let anybody."))
    #expect(!desk.screen.contains("Change settings of eth1"))
    choose("Negotiation")
    #expect(desk.lines.contains { $0.contains("Speed, duplex") && $0.contains("< as it is >") })
    desk.press(.escape)
    choose("MTU")
    #expect(desk.screen.contains("MTU of a network"))
  }

  @Test func anUnchangedFormSaysSoAndRingsTakeOnlyDigits() async throws {
    var desk = try await atSettings()
    desk.hears(.tuning("eth1", .success(Self.tuning())))
    desk.press(.enter)
    for _ in 0..<12 { desk.press(.enter) }
    #expect(desk.screen.contains("! Nothing chosen yet"))
    #expect(desk.errands.names.last != "planChange")
    for _ in 0..<12 where !desk.lines.contains(where: { $0.contains("Longer rings") || $0.contains("longer rings") }) { desk.press(.down) }
    let before = desk.lines.first { $0.contains("RX ring") }
    #expect(before != nil)
    desk.press(.character("x"))
    #expect(desk.lines.first { $0.contains("RX ring") } == before)
    desk.press(.character("7"))
    #expect(desk.lines.first { $0.contains("RX ring") } != before)
  }

  @Test func presetsSayWhenAndWhatTheyCost() async throws {
    var desk = try await atSettings()
    var nic = Self.tuning()
    (nic.driver, nic.vendor, nic.model) = ("e1000e", "8086", "15b8")
    desk.hears(.tuning("eth1", .success(nic)))
    #expect(desk.text.contains("This card is known for trouble. p offers: Intel I218/I219"))
    desk.press(.character("p"))
    #expect(desk.screen.contains(">1 Intel I218/I219 slow") && desk.screen.contains("eth1 is such a card."))
    desk.press(.down)
    #expect(desk.screen.contains("When") && desk.screen.contains("What it costs"))
    desk.press(.enter)
    #expect(desk.errands.names.last == "planChange")
  }

  @Test func withXAPISilentOnlyForNow() async throws {
    var desk = try await atSettings()
    var nic = Self.tuning()
    nic.kept = nil
    nic.silence = "XAPI does not answer"
    desk.hears(.tuning("eth1", .success(nic)))
    #expect(desk.text.contains("What is kept is not known: XAPI does not answer."))
    desk.press(.enter)
    #expect(desk.screen.contains("now only, until the next plug or boot") && !desk.screen.contains("kept by XAPI"))
  }

  @Test(arguments: sizes) func theMTUOfANetwork(_ size: (Int, Int)) async throws {
    var desk = Desk(size: Size(columns: size.0, rows: size.1))
    desk.sees(try await view(.pool))
    desk.press(.character("2"))
    for _ in 0..<30 where desk.lines.contains(where: { $0.contains(">eth2 ") }) == false { desk.press(.down) }
    desk.press(.character("a"))
    let row = try #require(desk.lines.first { $0.contains("MTU of its network") })
    desk.press(.character(try #require(row.first { $0.isNumber })))
    #expect(desk.screen.contains("Storage A") && desk.text.contains("3 of the pool, each plugged anew"))
    #expect(desk.text.contains("postgres"))
    desk.press(.character("9"), .enter)
    #expect(desk.screen.contains("! an MTU is 68 to 9216 bytes"))
    desk.press(.control("u"))
    desk.type("1500")
    desk.press(.enter)
    guard case .planChange(.networkMTU(let request))? = desk.errands.all.last else {
      Issue.record("\(desk.screen)")
      return
    }
    #expect(request.mtu == 1500)
  }

  @Test(arguments: sizes) func fcoe(_ size: (Int, Int)) async throws {
    var desk = Desk(size: Size(columns: size.0, rows: size.1))
    desk.sees(try await view(.standalone))
    desk.press(.character("2"), .character("a"))
    for _ in 0..<20 where desk.lines.contains(where: { $0.contains(">") && $0.contains("FCoE services") }) == false { desk.press(.down) }
    desk.press(.enter)
    #expect(desk.errands.names.last == "lookAtFCoE")
    var state = FCoEState()
    state.units = ["xs-fcoe", "fcoe", "lldpad"].map {
      SystemUnit(name: "\($0).service", active: $0 == "fcoe" ? "inactive" : "active", sub: "", result: nil, load: "loaded", enabled: "enabled")
    }
    (state.capable, state.storage) = ([], [])
    desk.hears(.fcoe(state))
    #expect(desk.screen.contains("does not run, starts with the host") && desk.text.contains("No NIC here can use it"))
    #expect(desk.lines.last?.contains("o switch off") == true)
    desk.press(.character("o"))
    guard case .planChange(.fcoe(isOn: false))? = desk.errands.all.last else {
      Issue.record("\(desk.errands.names)")
      return
    }
  }
}
