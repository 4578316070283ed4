import SimulatedHost
import TerminalUI
import TestSupport
import Testing
import XenAPI

@testable import ConsoleUI
@testable import HostNetworking

/// The screens about networks and VLANs, and the map.
@Suite struct NetworkScreenTests {
  private static func view(_ scenario: Scenario) async throws -> HostView {
    let simulated = try await SimulatedView(scenario)
    let view = try await simulated.view()
    await simulated.close()
    return try #require(view)
  }

  /// At the list of networks.
  private func desk(_ scenario: Scenario = .pool, columns: Int = 80, rows: Int = 24) async throws -> Desk {
    var desk = Desk(size: Size(columns: columns, rows: rows))
    desk.sees(try await Self.view(scenario))
    desk.press(.character("3"))
    return desk
  }

  private func intent(_ desk: Desk) -> Intent? {
    if case .planChange(let intent)? = desk.errands.all.last { intent } else { nil }
  }

  // MARK: The map

  @Test func theMapAt80Columns() async throws {
    var desk = try await desk()
    desk.press(.character("m"))
    #expect(desk.lines.allSatisfy { columns(of: $0) <= 80 })
    for parts in [
      ["NIC or bond", "VLAN", "Network", "VMs"], ["bond0 2/2 MGMT", "┬", "untagged", "Management"], ["├ eth0 up", "├", "VLAN 10", "DMZ", "proxy, web-01 +1"],
      ["└ eth1 up", "├", "VLAN 20", "Büro Zürich", "ad-zürich"], ["VLAN 40", "サーバー室", "東京-app"], ["VLAN 100", "Développement", "gitlab"],
    ] {
      #expect(desk.lines.contains { line in parts.allSatisfy { line.contains($0) } }, "\(parts)\n\(desk.screen)")
    }
    // Columns stay straight behind wide characters.
    let starts = desk.lines.filter { $0.contains("VLAN ") && $0.contains("─ ") }.compactMap { line in
      line.range(of: "VLAN ").map { columns(of: String(line[..<$0.lowerBound])) }
    }
    #expect(Set(starts).count == 1, "\(starts)")
  }

  @Test func theMapGrowsWithTheScreen() async throws {
    var desk = try await desk(columns: 160, rows: 50)
    desk.press(.character("m"))
    #expect(desk.lines.allSatisfy { columns(of: $0) <= 160 })
    for parts in [
      ["bond0 2/2 MGMT LACP 2 Gb/s"], ["eth3 DOWN", "untagged", "Storage B", "file-archive, object-store"], ["private", "Private lab", "gitlab"],
      ["VLAN 100", "gitlab, (ci-runner)"], ["host internal"],
    ] {
      #expect(desk.lines.contains { line in parts.allSatisfy { line.contains($0) } }, "\(parts)\n\(desk.screen)")
    }
  }

  @Test func theMapLeadsToThings() async throws {
    var desk = try await desk()
    desk.press(.character("m"), .down, .right, .right)
    #expect(desk.lines.contains { $0.contains(">DMZ") }, "\(desk.screen)")
    desk.press(.enter)
    #expect(desk.screen.contains("─ DMZ ─"))
    desk.press(.escape, .left, .enter)
    #expect(desk.screen.contains("─ VLAN 10 on bond0 ─"), "\(desk.screen)")
    desk.press(.escape, .left, .left)
    #expect(desk.screen.contains("Networks, VLANs and bonds: "))
  }

  @Test func theMapCanBeFiltered() async throws {
    var desk = try await desk()
    desk.press(.character("m"), .character("/"))
    desk.type("web-02")
    #expect(desk.screen.contains("1 of "))
    #expect(desk.lines.contains { $0.contains("bond0 2/2 MGMT") && $0.contains("VLAN 10") && $0.contains("DMZ") })
    #expect(!desk.screen.contains("VLAN 20"))
    desk.press(.enter)
    #expect(desk.screen.contains("Esc show all"))
    desk.press(.escape)
    #expect(desk.screen.contains("VLAN 20"))
    desk.press(.character("/"))
    desk.type("nothing there")
    #expect(desk.screen.contains("Nothing matches \"nothing there\"."))
  }

  /// Many VLANs: it scrolls, and what the first rows belong to stays in sight.
  @Test func theMapScrolls() async throws {
    var host = try await Self.view(.pool)
    let model = try #require(host.interfaces.first { $0.name == "VLAN 10 on bond0" })
    for tag in 1000..<1400 {
      var vlan = model
      (vlan.id, vlan.kind, vlan.network) = (.vlan(tag, on: "bond0"), .vlan(tag: tag, on: "bond0"), nil)
      host.interfaces.append(vlan)
    }
    var desk = Desk()
    desk.sees(host)
    desk.press(.character("3"), .character("m"))
    for _ in 0..<4 { desk.press(.pageDown) }
    let first = try #require(desk.lines.first { $0.contains("VLAN 10") })
    #expect(first.contains("bond0") && !desk.screen.contains("┬"), "\(desk.screen)")
    desk.press(.end)
    #expect(desk.screen.contains("host internal"), "\(desk.screen)")
  }

  @Test func theMapBeforeAnythingIsKnown() {
    let map = TopologyScreen()
    var frame = Frame(size: Size(columns: 80, rows: 20))
    map.draw(into: &frame, in: Rect(size: frame.size), Context(host: nil, now: Moment(instant: .now, wall: 0)))
    #expect(frame.lines.joined().contains("Nothing is known of this host's interfaces yet."))
  }

  // MARK: New ones

  @Test(arguments: [(80, 24), (160, 50)]) func newVLANs(_ columns: Int, _ rows: Int) async throws {
    var desk = try await desk(columns: columns, rows: rows)
    desk.press(.character("n"), .down, .enter)
    for text in ["─ New VLANs ─", "bond0", "all hosts of the pool", "a new one for each", "VLAN {tag}", "10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 200, 4000"] {
      #expect(desk.screen.contains(text), "\(text)\n\(desk.screen)")
    }
    desk.press(.tab)
    desk.type("20")
    #expect(desk.screen.contains("! VLAN 20 is on bond0 already: network \"Büro Zürich\""))
    desk.press(.control("u"))
    desk.type("77,300-302")
    #expect(desk.screen.contains("VLAN 77, VLAN 300, VLAN 301 and 1 more"))
    for _ in 0..<6 { desk.press(.enter) }
    let request = VLANRequest(
      base: "bond0", tags: TagList([77, 300, 301, 302]), target: .new(name: "VLAN {tag}", description: ""), isPoolWide: true)
    #expect(intent(desk) == .vlans(.create(request)))
    #expect(desk.screen.contains("─ Create VLANs: review ─"))
  }

  @Test func aVLANOnANetworkThatIsThere() async throws {
    var desk = try await desk()
    desk.press(.character("n"), .down, .enter, .tab)
    desk.type("77-78")
    // This host only; the one private network.
    desk.press(.tab, .right, .tab, .right)
    #expect(desk.screen.contains("< Private lab >"))
    #expect(desk.screen.contains("! one network takes one VLAN"))
    #expect(!desk.screen.contains("VLAN {tag}"))
    desk.press(.backTab, .backTab, .control("u"))
    desk.type("77")
    for _ in 0..<4 { desk.press(.enter) }
    guard case .vlans(.create(let request))? = intent(desk), case .existing = request.target else {
      Issue.record("\(desk.screen)")
      return
    }
    #expect(!request.isPoolWide && request.tags.tags == [77])
  }

  @Test func severalVLANsNeedTheTagInTheirName() async throws {
    var desk = try await desk(.standalone)
    desk.press(.character("n"), .down, .enter, .tab)
    #expect(!desk.screen.contains("all hosts of the pool"))
    desk.type("5-6")
    desk.press(.tab, .tab, .control("u"))
    desk.type("Tenant")
    #expect(desk.screen.contains("! put {tag} where the tag shall stand"), "\(desk.screen)")
  }

  @Test func aPrivateNetwork() async throws {
    var desk = try await desk()
    desk.press(.character("n"), .enter)
    desk.type("DMZ")
    #expect(desk.screen.contains("There is a network called DMZ already"))
    desk.type(" 2")
    desk.press(.tab, .tab, .control("u"))
    desk.type("20")
    #expect(desk.screen.contains("! bytes, from 68 to 65535"))
    desk.press(.control("u"))
    desk.type("9000")
    desk.press(.tab, .right, .tab)
    desk.type("lab, new, lab")
    desk.press(.enter)
    #expect(
      intent(desk) == .networks(.create(NetworkDraft(name: "DMZ 2", mtu: 9000, tags: ["lab", "new"], lockingMode: .disabled))))
  }

  // MARK: Those that are there

  @Test func editingANetworkAsksForWhatDiffersOnly() async throws {
    var desk = try await desk()
    desk.press(.character("/"))
    desk.type("private lab")
    desk.press(.enter, .character("a"), .down, .enter)
    #expect(desk.screen.contains("─ Edit Private lab ─"), "\(desk.screen)")
    desk.press(.control("u"))
    desk.type("Quarantine")
    desk.press(.tab, .tab, .control("u"))
    desk.type("1400")
    #expect(desk.screen.contains("The MTU is only noted here."))
    for _ in 0..<4 { desk.press(.enter) }
    guard case .networks(.edit(let edit))? = intent(desk) else {
      Issue.record("\(desk.screen)")
      return
    }
    #expect(edit.name == "Quarantine" && edit.mtu == 1400)
    #expect(edit.description == nil && edit.lockingMode == nil && edit.purpose == nil && edit.tags == nil)
  }

  @Test func theDetailsNameHostsAndVIFs() async throws {
    var desk = try await desk(rows: 40)
    desk.press(.character("/"))
    desk.type("dmz")
    desk.press(.enter, .enter)
    for parts in [["xcp1", "VLAN 10 on bond0"], ["xcp3", "VLAN 10 on bond0"], ["web-02", "VIF 0", "attached on xcp2"]] {
      #expect(desk.lines.contains { line in parts.allSatisfy { line.contains($0) } }, "\(parts)\n\(desk.screen)")
    }
  }

  @Test func removingAVLANShowsWhatHangsOnIt() async throws {
    var desk = try await desk()
    desk.press(.character("/"))
    desk.type("heartbeat")
    desk.press(.enter, .character("a"), .down, .down, .down, .down, .enter)
    for text in ["─ Remove VLAN 4000, Heartbeat ─", "all hosts of the pool", "[x]", "VLAN 4000 on bond0"] {
      #expect(desk.screen.contains(text), "\(text)\n\(desk.screen)")
    }
    desk.press(.right, .tab, .character(" "), .enter)
    guard case .vlans(.destroy(let removal))? = intent(desk) else {
      Issue.record("\(desk.screen)")
      return
    }
    #expect(!removal.isPoolWide && !removal.withNetwork)
  }

  @Test func aWideListTellsMore() async throws {
    let desk = try await desk(columns: 200, rows: 50)
    let titles = try #require(desk.lines.first { $0.contains("Network ") && $0.contains("Bridge") })
    for title in ["Hosts", "Tag", "Locking"] { #expect(titles.contains(title), "\(titles)") }
  }

  /// Networks that come meanwhile do not take the place of the one that was chosen.
  @Test func whatWasChosenStaysChosen() async throws {
    var desk = try await desk()
    var host = try await Self.view(.pool)
    desk.press(.character("n"), .down, .enter, .tab)
    desk.type("77")
    desk.press(.tab, .tab, .right)
    #expect(desk.screen.contains("< Private lab >"))
    let lab = try #require(host.networks.first { $0.name == "Private lab" })
    var other = lab
    (other.id, other.uuid, other.name) = (NetworkID(bridge: "xapi99"), "another", "AAA first")
    host.networks.insert(other, at: 0)
    desk.sees(host)
    #expect(desk.screen.contains("< Private lab >"), "\(desk.screen)")
    // It goes away itself: that is said.
    host.networks.removeAll { $0.name == "Private lab" }
    desk.sees(host)
    #expect(desk.screen.contains("Private lab is not free any more: choose another network."), "\(desk.screen)")
    for _ in 0..<2 { desk.press(.enter) }
    guard case .vlans(.create(let request))? = intent(desk) else {
      Issue.record("\(desk.screen)")
      return
    }
    #expect(request.target == .existing(lab.uuid) && request.mtu == nil)
  }

  @Test func aPrivateNetworksMenuOffersItForTheVLAN() async throws {
    var desk = try await desk()
    desk.press(.character("/"))
    desk.type("private lab")
    desk.press(.enter, .character("a"))
    desk.press(.down, .down, .down, .down, .down, .down, .enter)
    #expect(desk.screen.contains("─ New VLANs ─") && desk.screen.contains("Private lab") && !desk.screen.contains("a new one for each"), "\(desk.screen)")
  }

  /// What is not plugged says so where its end is cut.
  @Test func theMapMarksWhatIsUnplugged() async throws {
    var host = try await Self.view(.pool)
    for index in host.interfaces.indices where host.interfaces[index].name == "VLAN 4000 on bond0" { host.interfaces[index].isAttached = false }
    var desk = Desk()
    desk.sees(host)
    desk.press(.character("3"), .character("m"), .character("/"))
    desk.type("heartbeat")
    #expect(desk.lines.contains { $0.contains("!VLAN 4000") && $0.contains("Heartbeat") }, "\(desk.screen)")
    desk.resize(160, 50)
    #expect(desk.screen.contains("! VLAN 4000 unplugged"), "\(desk.screen)")
  }

  /// VMs decide whether a network can go: many hosts do not push them out of sight.
  @Test func manyHostsTakeOneLineBelowTheVMs() async throws {
    let host = try await Self.view(.pool)
    let network = try #require(host.networks.first { $0.name == "DMZ" })
    var entry = try #require(host.pool?.network(network.ref))
    let interface = try #require(entry.interfaces.first)
    let count = entry.vifs.count
    #expect(count > 0)
    entry.interfaces = (1...64).map { number in
      var one = interface
      (one.host, one.isAttached) = ("node\(number)", number != 40)
      return one
    }
    let facts = NetworkFacts(network, entry).hanging(rows: 14)
    #expect(facts.map(\.label).last == "Hosts" && facts.count == count + 2)
    #expect(facts.last?.value == "node40 not plugged, node1, node2, node3, node4, node5, node6, node7 and 56 more")
    // Of many VIFs those that run are shown, and it is said that there are more.
    let vif = try #require(entry.vifs.first)
    entry.vifs = (1...30).map { number in
      var one = vif
      (one.vm, one.isAttached) = ("vm\(number)", number == 30)
      return one
    }
    let many = NetworkFacts(network, entry).hanging(rows: 14)
    #expect(many.count <= 14 && many[1].label.contains("vm30") && many.contains { $0.value.contains("and 21 VIFs more") }, "\(many)")
  }

  // MARK: Without XAPI

  /// No form, but the reason and the ways on; the keys of the footer do what they say.
  @Test func formsWithoutFactsHaveAWayOn() async throws {
    var host = try await Self.view(.pool)
    host.connection = .connecting
    for index in host.networks.indices { host.networks[index].lockingMode = nil }
    for index in host.interfaces.indices { host.interfaces[index].ref = nil }
    var desk = Desk()
    desk.sees(host)
    desk.press(.character("3"), .character("n"), .down, .enter)
    for text in ["has not told of any NIC or bond", "restart the toolstack", "t toolstack", "Esc back", "? help"] {
      #expect(desk.screen.contains(text), "\(text)\n\(desk.screen)")
    }
    desk.press(.character("t"))
    #expect(desk.screen.contains("─ Toolstack ─"), "\(desk.screen)")
    desk.press(.escape, .escape, .escape)
    desk.press(.character("a"), .down, .enter)
    for text in ["XAPI has not told of this network", "t toolstack", "Esc back"] { #expect(desk.screen.contains(text), "\(text)\n\(desk.screen)") }
    desk.press(.escape, .escape)
    desk.press(.character("n"), .enter)
    #expect(desk.screen.contains("XAPI has not answered: a network can be made only once it does.") && desk.screen.contains("Name"), "\(desk.screen)")
  }

  @Test func whereXAPIAnswersAFormSaysNothingOfIt() async throws {
    var desk = try await desk()
    desk.press(.character("n"))
    #expect(desk.screen.contains("─ New, map, routes ─"), "\(desk.screen)")
    desk.press(.enter)
    #expect(!desk.screen.contains("XAPI has not answered"))
  }

  /// A choice has no use for it; text takes it.
  @Test func aChoiceLetsTheKeyForHelpPass() async throws {
    var desk = try await desk()
    desk.press(.character("n"), .down, .enter, .character("x"))
    #expect(desk.screen.contains("─ New VLANs ─"))
    desk.press(.character("?"))
    #expect(desk.screen.contains("A VLAN carries one network more over the same cable"), "\(desk.screen)")
    desk.press(.escape, .tab, .character("?"))
    #expect(desk.screen.contains("─ New VLANs ─") && !desk.screen.contains("A VLAN carries one network more"), "\(desk.screen)")
  }

  // MARK: The review

  @Test func escHidesTheCommandsFirst() {
    let step = ChangeStep(0, "Let XAPI look", commands: ["xe pif-scan host-uuid=1"], action: .scanNICs(expecting: ["eth4"]))
    let plan = ChangePlan(
      intent: .scanNICs(plugs: true), title: "Look", differences: [.init("eth4", now: "not known", after: "known")], steps: [step])
    var page = Page(ChangeReviewScreen(plan))
    page.press(.character("v"))
    #expect(page.has("xe pif-scan") && page.screen.keys(page.context).contains { $0 == ("v or Esc", "hide commands") })
    page.press(.escape)
    #expect(!page.has("xe pif-scan"))
    if case .back = page.last { Issue.record("it left") }
    page.press(.escape)
    if case .back = page.last {} else { Issue.record("it stayed") }
  }

  @Test func aReviewWithoutXAPILeadsToTheToolstack() {
    var page = Page(ChangeReviewScreen(.networks(.create(NetworkDraft(name: "Lab")))))
    page.hears(.changePlanned(.failure(ChangeProblem("XAPI must answer for this", remedy: "Wait for it, restart the toolstack, or wait"))))
    #expect(page.screen.keys(page.context).contains { $0.key == "t" })
    page.press(.character("t"))
    guard case .open(let opened) = page.last else {
      Issue.record("t leads nowhere")
      return
    }
    #expect(opened is ToolstackScreen)
    // Other failures do not name it.
    var other = Page(ChangeReviewScreen(.networks(.create(NetworkDraft(name: "Lab")))))
    other.hears(.changePlanned(.failure(ChangeProblem("the network is not there any more"))))
    #expect(!other.screen.keys(other.context).contains { $0.key == "t" })
  }

  @Test func whatHangsOnItIsNotKnownWithoutXAPI() async throws {
    var host = try await Self.view(.pool)
    host.pool = nil
    var desk = Desk()
    desk.sees(host)
    desk.press(.character("3"), .character("/"))
    desk.type("heartbeat")
    desk.press(.enter, .character("a"), .down, .down, .down, .down, .enter)
    #expect(desk.screen.contains("Not known while XAPI is silent.") && !desk.screen.contains("none"), "\(desk.screen)")
  }

  @Test func aLabelWithACommaSurvivesAnotherName() async throws {
    var host = try await Self.view(.pool)
    for index in host.networks.indices where host.networks[index].name == "Private lab" { host.networks[index].tags = ["a,b"] }
    var desk = Desk()
    desk.sees(host)
    desk.press(.character("3"), .character("/"))
    desk.type("private lab")
    desk.press(.enter, .character("a"), .down, .enter, .control("u"))
    desk.type("Lab 2")
    for _ in 0..<6 { desk.press(.enter) }
    guard case .networks(.edit(let edit))? = intent(desk) else {
      Issue.record("\(desk.screen)")
      return
    }
    #expect(edit.name == "Lab 2" && edit.tags == nil)
  }

  // MARK: At both sizes

  private func chosen(_ network: String, _ columns: Int, _ rows: Int) async throws -> Desk {
    var desk = try await desk(columns: columns, rows: rows)
    desk.press(.character("/"))
    desk.type(network)
    desk.press(.enter)
    return desk
  }

  private func hold(_ desk: Desk, _ texts: [String]) {
    #expect(desk.lines.allSatisfy { columns(of: $0) <= desk.size.columns })
    for text in texts { #expect(desk.screen.contains(text), "\(text)\n\(desk.screen)") }
  }

  @Test func theTableTellsTheEssentialsAt80() async throws {
    let desk = try await chosen("DMZ", 80, 24)
    hold(desk, ["Network ", "Through", "Link", "VIFs", "VLAN 10 on bond0", "a actions", "Esc ", "? help"])
    // The rest of it stands below the list.
    hold(desk, ["VLAN 10 on bond0, bridge xapi2, on 3 hosts", "Hosts  xcp1, xcp2, xcp3", "proxy, web-01, web-02"])
  }

  @Test func theTableTellsEverythingAt160() async throws {
    let desk = try await chosen("DMZ", 160, 50)
    let titles = try #require(desk.lines.first { $0.contains("Network ") && $0.contains("Bridge") })
    for title in ["Network", "Through", "Link", "Bridge", "VIFs", "VMs", "MTU", "Hosts", "Tag", "Locking", "Purpose"] {
      #expect(titles.contains(title), "\(title): \(titles)")
    }
    hold(desk, ["unlocked", "1500"])
  }

  @Test(arguments: [(80, 24), (160, 50)]) func theMenu(_ columns: Int, _ rows: Int) async throws {
    var desk = try await chosen("heartbeat", columns, rows)
    desk.press(.character("a"))
    hold(
      desk,
      [
        "─ Actions: Heartbeat ─", "Details", "Name, MTU, locking, purpose", "VIFs and VMs on it", "Remove its VLAN", "Remove this network", "New private network", "New VLANs",
        "Map of all networks", "Heartbeat now", "Esc back", "? help",
      ])
    #expect(!desk.screen.contains("Destroy its bond"))
    desk.press(.escape)
    desk = try await chosen("management", columns, rows)
    desk.press(.character("a"))
    hold(desk, ["Its bond: how it works, change", "Destroy its bond"])
    desk.press(.down, .down, .down, .down, .down, .enter)
    hold(desk, ["Destroy bond0", "On all hosts of the pool, and its network", "Esc back", "? help"])
    desk.press(.down, .enter)
    #expect(intent(desk) == .bonds(.destroy("bond0", withNetwork: true, isPoolWide: true)))
  }

  @Test(arguments: [(80, 24), (160, 50)]) func theDetails(_ columns: Int, _ rows: Int) async throws {
    var desk = try await chosen("DMZ", columns, rows)
    desk.press(.enter)
    hold(desk, ["─ DMZ ─", "Bridge", "MTU", "xcp1", "xcp2", "xcp3", "VLAN 10 on bond0", "Esc "])
    for _ in 0..<3 { desk.press(.pageDown) }
    hold(desk, ["Locking", "unlocked", "Purpose", "none"])
  }

  @Test(arguments: [(80, 24), (160, 50)]) func theEndOfAVLAN(_ columns: Int, _ rows: Int) async throws {
    var desk = try await chosen("heartbeat", columns, rows)
    desk.press(.character("a"), .down, .down, .down, .down, .enter)
    hold(desk, ["─ Remove VLAN 4000, Heartbeat ─", "all hosts of the pool", "The network too", "xcp1", "xcp2", "xcp3", "Esc back"])
  }

  @Test(arguments: [(80, 24), (160, 50)]) func theForms(_ columns: Int, _ rows: Int) async throws {
    var desk = try await chosen("DMZ", columns, rows)
    desk.press(.character("a"), .down, .enter)
    hold(desk, ["─ Edit DMZ ─", "Description", "MTU", "Locking", "unlocked: VIFs may send", "Purpose", "VMs only", "Labels", "Esc back", "F1 help"])
    desk.press(.escape, .escape, .character("n"), .enter)
    hold(desk, ["─ New private network ─", "Name", "Description", "MTU", "Locking", "Labels", "Esc back", "F1 help"])
  }
}
