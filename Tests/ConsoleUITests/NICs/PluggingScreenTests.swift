import SimulatedHost
import TerminalUI
import TestSupport
import Testing
import XenAPI

@testable import ConsoleUI
@testable import HostNetworking

/// Rescan, plug and the way to take a NIC out: plans and paths in, frames and errands out.
@Suite struct PluggingScreenTests {
  static let sizes = [Size(columns: 80, rows: 24), Size(columns: 160, rows: 50)]

  /// Presses the digit that stands before an item of a menu.
  private func choose(_ item: String, _ desk: inout Desk) {
    let row = desk.lines.first { $0.contains(item) } ?? ""
    if let digit = row.first(where: \.isNumber) { desk.press(.character(digit)) }
  }

  private func asked(_ desk: Desk) -> [String] { desk.errands.all.map { "\($0)" } }

  private func atInterfaces(_ size: Size, card: Bool = false) async throws -> Desk {
    let simulated = try await SimulatedView(.standalone)
    if card { await simulated.host.addCard(device: "eth4", mac: "0c:c4:7a:00:00:44", position: 4) }
    var desk = Desk(size: size)
    desk.sees(try #require(await simulated.view { $0.facts != nil && $0.interfaces.contains { $0.name == "eth4" && !$0.mac.isEmpty } == card }))
    await simulated.close()
    desk.press(.character("2"))
    return desk
  }

  /// A card that XAPI does not know is in the list, and in what deserves a look.
  @Test(arguments: sizes) func aCardThatXAPIDoesNotKnowIsMarked(_ size: Size) async throws {
    var desk = try await atInterfaces(size, card: true)
    #expect(desk.lines.contains { $0.contains("eth4") && $0.contains("0c:c4:7a:00:00:44") && $0.contains("NOT IN XAPI !") }, "\(desk.screen)")
    desk.press(.end)
    #expect(desk.text.contains("none yet: s in the list of interfaces makes XAPI know it"))
    desk.press(.character("a"))
    #expect(desk.text.contains("Let XAPI know eth4") && !desk.text.contains("Unplug eth4"))
    desk.press(.escape, .escape, .character("1"))
    #expect(desk.text.contains("eth4 (0c:c4:7a:00:00:44) is in this machine, but XAPI") && desk.text.contains("s in the list of interfaces makes it"))
    #expect(!desk.text.contains("is new since the last boot"), "told once")
  }

  /// From the list of interfaces to all that concerns the network of one: no way round over the list of networks.
  @Test func theMenuOfAnInterfaceLeadsToThatOfItsNetwork() async throws {
    var desk = try await atInterfaces(Self.sizes[0])
    desk.press(.down, .down, .character("a"))
    #expect(desk.text.contains("Actions: eth2"))
    for _ in 0..<20 where !desk.lines.contains(where: { $0.contains(">") && $0.contains("Its network: VLAN, VIFs, name") }) { desk.press(.down) }
    desk.press(.enter)
    #expect(desk.text.contains("Actions: Pool-wide network 2") && desk.text.contains("VIFs and VMs on it"), "\(desk.screen)")
    desk.press(.escape)
    #expect(desk.text.contains("Actions: eth2"))
  }

  // MARK: Rescan

  private static func scan(plugs: Bool) -> ChangePlan {
    ChangePlan(
      intent: .scanNICs(plugs: plugs), title: "Look for new NICs: eth4 will appear",
      differences: [.init("eth4", now: "not known to XAPI", after: plugs ? "known and plugged" : "known, not plugged")],
      consequences: ["eth4 (0c:c4:7a:00:00:44, igb) comes onto a new network with the bridge xenbr4"],
      steps: [ChangeStep(0, "Look for NICs that XAPI does not know", commands: ["xe pif-scan host-uuid=1"], action: .scanNICs(expecting: ["eth4"]))])
  }

  @Test(arguments: sizes) func theNewCardIsTwoKeysAway(_ size: Size) async throws {
    var desk = try await atInterfaces(size)
    desk.press(.character("s"))
    #expect(asked(desk) == ["planChange(HostNetworking.Intent.scanNICs(plugs: true))"])
    desk.hears(.changePlanned(.success(Self.scan(plugs: true))))
    #expect(desk.text.contains("eth4 will appear") && desk.text.contains("known and plugged"))
    #expect(desk.lines.last?.contains("p without plugging  Esc back") == true)
    // The same without plugging, and a plan that comes too late is of no use.
    desk.press(.character("p"))
    desk.hears(.changePlanned(.success(Self.scan(plugs: true))))
    #expect(desk.text.contains("Looking at the host"))
    desk.hears(.changePlanned(.success(Self.scan(plugs: false))))
    #expect(desk.text.contains("known, not plugged") && desk.lines.last?.contains("p plug what appears") == true)
    desk.press(.character("y"))
    #expect(desk.errands.names.last == "apply")
    desk.hears(.changeStep(0, .done("eth4 appeared (0c:c4:7a:00:00:44, network \"Pool-wide network 4\")")))
    desk.hears(.changeOver(.done))
    #expect(desk.text.contains("eth4 appeared (0c:c4:7a:00:00:44") && desk.text.contains("Done."))
  }

  @Test func withoutANICTheMenuSaysWhy() {
    var desk = Desk(size: Size(columns: 80, rows: 24))
    desk.press(.character("2"), .character("a"))
    #expect(desk.text.contains("No interface was chosen: its list had") && desk.text.contains("not come yet. Esc, and choose one."))
    #expect(!desk.text.contains("Let XAPI know"))
  }

  @Test func aLookThatFindsNothingOffersNoMore() async throws {
    var desk = try await atInterfaces(Size(columns: 80, rows: 24))
    desk.press(.character("s"))
    let step = ChangeStep(0, "Look for NICs that XAPI does not know", commands: ["xe pif-scan"], action: .scanNICs(expecting: []))
    desk.hears(.changePlanned(.success(ChangePlan(intent: .scanNICs(plugs: true), title: "Look for new NICs: there is none", steps: [step]))))
    #expect(desk.lines.last?.contains("y or F8 look anyway  v show commands") == true)
    #expect(desk.lines.last?.contains("p ") == false && desk.lines.last?.hasSuffix("? help") == true)
    #expect(!desk.text.contains("If it goes wrong"))
    desk.press(.character("p"))
    #expect(desk.errands.names == ["planChange"])
  }

  @Test(arguments: sizes) func longLabelsStandApartFromWhatIsNow(_ size: Size) async throws {
    var desk = try await atInterfaces(size)
    desk.press(.character("s"))
    let long = "a network with a name that is far too long for its column"
    desk.hears(
      .changePlanned(
        .success(
          ChangePlan(
            intent: .scanNICs(plugs: true), title: "Look for new NICs",
            differences: [.init("bond0 of xcp1", now: "1500", after: "9000"), .init(long, now: "1501", after: "9001")],
            steps: Self.scan(plugs: true).steps))))
    #expect(desk.screen.contains("bond0 of xcp1 "))
    #expect(desk.lines.contains { $0.contains("a network with") && $0.contains(" 1501 ") && $0.contains(" 9001") })
    #expect(desk.lines.last?.contains("Esc back") == true)
  }

  @Test func otherChangesHaveNoSuchKey() async throws {
    var desk = try await atInterfaces(Size(columns: 80, rows: 24))
    desk.press(.character("a"))
    choose("Unplug eth0", &desk)
    #expect(asked(desk) == ["planChange(HostNetworking.Intent.unplug(\"eth0\"))"])
    desk.hears(.changePlanned(.success(ChangePlan(intent: .unplug("eth0"), title: "Unplug eth0", steps: []))))
    desk.press(.character("p"))
    #expect(desk.errands.all.count == 1)
  }

  // MARK: The way out

  private static func path(_ steps: [RetirePath.Step], vms: [String] = []) -> RetirePath {
    RetirePath(
      device: "eth3", card: "a0:36:9f:00:0d:14, 0000:5e:00.1, Intel Corporation Ethernet Controller 10G X550T", steps: steps,
      runningVMs: vms.map { ResetFacts.VM(uuid: $0, name: $0) })
  }

  private static let free = RetirePath.Need(
    "It carries VLANs 20 and 30 (network \"Office\" and network \"Voice\")",
    [
      .init("Move VLANs 20 and 30 to eth1, on the same networks", .change(.retireNIC(RetireRequest(device: "eth3", .moveVLANs([20, 30], to: "eth1"))))),
      .init("Destroy VLANs 20 and 30", .change(.retireNIC(RetireRequest(device: "eth3", .destroyVLANs([20, 30]))))),
    ])

  private static let bonded = RetirePath.Need(
    "It is a member of bond0", [.init("By hand", .byHand("xe bond-destroy uuid=0e5b2f5c-6a1f-4a79-9d0e-3c1f2b9f7a11"))])

  private static let start = path([
    .init(.free, .now, "2 things stand in the way", [bonded, free]), .init(.unplug, .later, "eth3 is plugged"),
    .init(.takeOut, .later, "The card is in the machine"), .init(.forget, .later, "XAPI's record of eth3 is dropped once the card is gone"),
    .init(.network, .later, "Network \"Storage B\" stays: eth3 of xcp2 and eth3 of xcp3 are on it, VMs file-archive and object-store have VIFs on it"),
  ])

  private func atWay(_ path: RetirePath, _ size: Size = Size(columns: 80, rows: 24)) async throws -> Desk {
    var desk = try await atInterfaces(size)
    desk.press(.down, .down, .down, .character("a"))
    choose("Remove eth3 from the host", &desk)
    #expect(desk.errands.names == ["lookAtRetiring"])
    #expect(desk.text.contains("Looking at what uses eth3"))
    desk.hears(.retiring("eth3", .success(path)))
    return desk
  }

  @Test(arguments: sizes) func theStagesAndWhatCanBeDone(_ size: Size) async throws {
    var desk = try await atWay(Self.start, size)
    for words in [
      "NOW   1 Free it", "later 2 Unplug it", "2 things stand in the way", "file-archive", "object-store", "! It is a member of bond0.",
      "xe bond-destroy uuid=0e5b2f5c-6a1f-4a79-9d0e-3c1f2b9f7a11", ">1 Move VLANs 20 and 30 to eth1", "2 Destroy VLANs 20 and 30",
    ] {
      #expect(desk.text.contains(words), "\(words)\n\(desk.screen)")
    }
    // What is only to be typed is passed over.
    desk.press(.character("3"))
    #expect(desk.errands.all.count == 1)
    desk.press(.down, .enter)
    #expect(asked(desk).last?.contains("destroyVLANs([20, 30])") == true)
  }

  /// After each change the way is looked at anew.
  @Test func afterAChangeItIsLookedAtAgain() async throws {
    var desk = try await atWay(Self.start)
    desk.press(.character("1"))
    let request = RetireRequest(device: "eth3", .moveVLANs([20, 30], to: "eth1"))
    desk.hears(
      .changePlanned(
        .success(
          ChangePlan(
            intent: .retireNIC(request), title: "Move VLANs 20 and 30 from eth3 to eth1",
            steps: [ChangeStep(0, "Remove VLAN 20 from eth3", commands: [], action: .destroyVLAN(tag: 20, on: "eth3"))]))))
    desk.press(.character("y"))
    desk.hears(.changeOver(.done))
    desk.press(.enter)
    #expect(desk.errands.names == ["lookAtRetiring", "planChange", "apply", "lookAtRetiring"])
  }

  @Test(arguments: sizes) func switchingTheHostOffNamesTheVMs(_ size: Size) async throws {
    let path = Self.path(
      [
        .init(.free, .done, "Nothing uses eth3 any more"), .init(.unplug, .done, "eth3 is not plugged"),
        .init(
          .takeOut, .now, "The card is in the machine",
          [.init("Switch the host off, pull the card, start it again", isRequired: false, [.init("Shut down xcp1", .powerOff)])]),
        .init(.forget, .later, "later"), .init(.network, .later, "later"),
      ], vms: ["mail", "web"])
    var desk = try await atWay(path, size)
    desk.press(.character("1"))
    #expect(desk.text.contains("2 VMs run here:"))
    desk.press(.character("o"))
    #expect(desk.text.contains("Switch this host off now? mail, web still run and end with it."))
    desk.press(.escape)
    desk.press(.character("y"))
    #expect(!desk.errands.names.contains("powerOff"), "it was not asked for")
    desk.press(.character("s"))
    #expect(desk.errands.names.last == "shutDown")
    for vm in path.runningVMs { desk.hears(.shutdown(vm, .done("shut down"))) }
    #expect(desk.text.contains("2 of 2 VMs are down."))
    desk.press(.character("o"), .character("y"))
    #expect(desk.errands.names.last == "powerOff")
    desk.hears(.poweringOff(.done()))
    #expect(desk.text.contains("The host switches off.") && desk.text.contains("Pull the card of eth3"))
  }

  /// The networks of a large pool have a page of their own, with a filter.
  @Test(arguments: sizes) func manyWaysAreListedApart(_ size: Size) async throws {
    var path = Self.start
    let networks = (0..<40).map { number in
      RetirePath.Choice(
        "Move the VIFs to network \"Net \(number)\" (VLAN \(number) on bond0)",
        .change(.retireNIC(RetireRequest(device: "eth3", .moveVIFs(toNetwork: "uuid-\(number)")))))
    }
    path.steps[0].needs = [.init("VM web runs on its network", networks, summary: "Move the VIFs to another network"), .init("It is protected against unplugging", [.init("Lift the protection", .change(.retireNIC(RetireRequest(device: "eth3", .allowUnplug))))])]
    var desk = try await atWay(path, size)
    #expect(desk.text.contains(">1 Move the VIFs to another network: 40 ways") && desk.text.contains("2 Lift the protection"))
    desk.press(.enter)
    #expect(desk.text.contains("VM web runs on its network.") && desk.text.contains("Move the VIFs to network \"Net 0\""))
    desk.press(.character("/"))
    desk.type("net 31")
    desk.press(.enter, .enter)
    #expect(asked(desk).last?.contains("moveVIFs(toNetwork: \"uuid-31\")") == true)
  }

  @Test func managementIsMovedFromHere() async throws {
    var path = Self.start
    path.steps[0].needs = [.init("It carries management", [.init("Move management to another interface", .moveManagement)])]
    var desk = try await atWay(path)
    desk.press(.enter)
    #expect(desk.errands.names.last == "lookForChange")
  }

  @Test func theEndAndWhatCannotBeKnown() async throws {
    let over = Self.path(RetirePath.Stage.allCases.map { .init($0, .done, "done with") })
    var desk = try await atWay(over)
    #expect(desk.text.contains("eth3 is out of the machine, and XAPI has forgotten it."))
    desk.press(.character("r"))
    desk.hears(.retiring("eth3", .failure(ChangeProblem("XAPI must answer for this", remedy: "Wait for it"))))
    #expect(desk.text.contains("!! XAPI must answer for this."))
    desk.hears(.retiring("eth9", .success(Self.start)))
    #expect(desk.text.contains("XAPI must answer for this."), "that is another NIC's")
  }
}
