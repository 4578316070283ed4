import Dom0
import SimulatedHost
import TerminalUI
import Testing
import XenAPI

@testable import ConsoleUI
@testable import HostNetworking

/// The screens about bonds: facts and reports in, lines and intents out.
@Suite struct BondScreenTests {
  private static func with(_ body: (ServiceHost, BondFacts) async throws -> Void) async throws {
    let host = try await ServiceHost.make()
    do {
      try await body(host, try await BondLook(host.client, host.system).facts())
    } catch {
      await host.end()
      throw error
    }
    await host.end()
  }

  /// What is written on it, lines that are broken joined again.
  private static func flat(_ lines: [String]) -> String {
    func bare(_ line: some StringProtocol) -> Substring { Substring(line).drop { "│ ".contains($0) } }
    return lines.map { String(bare(String(bare($0).reversed())).reversed()) }.joined(separator: " ")
  }

  // MARK: A new one

  @Test func membersAreMarkedAndTheFormMakesTheIntent() async throws {
    try await Self.with { _, facts in
      var page = Page(BondCreateScreen("eth1"))
      #expect(page.has("Looking at the host"))
      page.hears(.bonds(.facts(.success(facts))))
      // What it was opened for is marked.
      #expect(page.has("[x]", "eth1", "1 Gb/s", "tg3"))
      #expect(page.has("[ ]", "eth0", "management 10.0.4.11/24, 2 VMs"))
      #expect(page.has("eth1 is marked. One alone is no bond: mark another."))
      page.press(.down, .character(" "))
      #expect(page.has("eth1, eth2 are marked: Enter goes on."))
      page.press(.character(" "))
      #expect(page.has("[ ]", "eth2"))
      page.press(.character(" "), .enter)
      guard case .open(let next) = page.last, let form = next as? BondFormScreen else {
        Issue.record("no form")
        return
      }
      var second = Page(form)
      #expect(second.has("New bond of eth1, eth2") && second.has("Mode", "active-backup") && second.has("Its name", "Bond 1+2"))
      // What only LACP has is asked with LACP only.
      #expect(!second.has("Hashing"))
      second.press(.right, .right)
      #expect(second.has("Mode", "LACP") && second.has("Hashing", "addresses and ports") && second.has("Fallback", "on:"))
      #expect(Self.flat(second.lines).contains("The switch ports must be one group"))
      second.press(.tab, .right, .tab, .right, .tab, .right, .tab)
      second.type("7")
      second.press(.tab, .tab, .tab)
      second.type("10,20x")
      #expect(second.has("! \"20x\" is neither a tag nor a range like 100-110"))
      second.press(.backspace, .tab)
      second.type("02:00:00:00:00:07")
      second.press(.enter)
      #expect(
        second.intent
          == .bonds(
            .create(
              BondRequest(
                members: ["eth1", "eth2"], mode: .lacp,
                properties: ["hashing_algorithm": "src_mac", "lacp-time": "fast", "lacp-fallback-ab": "false", "lacp-aggregation-key": "7"],
                mac: "02:00:00:00:00:07", network: .new(name: "Bond 1+2"), vlans: [10, 20]))))
    }
  }

  /// Enter is pressed for Space now and then: one NIC alone needs it twice.
  @Test func oneAloneIsAskedAbout() async throws {
    try await Self.with { _, facts in
      var page = Page(BondCreateScreen("eth1"))
      page.hears(.bonds(.facts(.success(facts))))
      page.press(.enter)
      if case .beep = page.last {} else { Issue.record("it went on") }
      #expect(page.has("eth1 alone is marked: Enter once more goes on with it alone."))
      // Another mark, and all is as before.
      page.press(.down, .character(" "), .character(" "))
      #expect(page.has("eth1 is marked. One alone is no bond: mark another."))
      page.press(.enter)
      if case .beep = page.last {} else { Issue.record("it went on") }
      page.press(.enter)
      guard case .open(let next) = page.last, next is BondFormScreen else {
        Issue.record("no form")
        return
      }
    }
  }

  /// Whoever goes back to mark one NIC more finds the form again, and the primary is told as the plan has it.
  @Test func theFormIsKeptAndNamesThePrimary() async throws {
    try await Self.with { _, facts in
      var screen = BondCreateScreen("eth1")
      _ = screen.receive(.bonds(.facts(.success(facts))), Page(screen).context, room: Size(columns: 80, rows: 22))
      var page = Page(screen)
      page.press(.character("k"), .character(" "))
      #expect(page.has("eth0, eth1 are marked: Enter goes on."))
      page.press(.enter)
      guard case .open(let next) = page.last, let form = next as? BondFormScreen else {
        Issue.record("no form")
        return
      }
      var first = Page(form)
      // Management is on eth0, though eth1 was marked first.
      #expect(first.has("New bond of eth0, eth1") && first.has("Its name", "Bond 0+1") && first.has("MAC", "that of eth0"))
      first.press(.right, .tab, .tab, .tab)
      first.type("10,20")
      first.press(.escape)
      guard case .backWith(let choice) = first.last else {
        Issue.record("nothing is handed back")
        return
      }
      var below = page.screen
      _ = below.take(choice, page.context)
      var again = Page(below)
      again.press(.down, .down, .character(" "), .enter)
      guard case .open(let reopened) = again.last, let second = reopened as? BondFormScreen else {
        Issue.record("no form")
        return
      }
      let kept = Page(second)
      #expect(kept.has("Mode", "balance-slb") && kept.has("VLANs on it", "10,20"))
      // A name that nobody typed follows the members.
      #expect(kept.has("New bond of eth0, eth1, eth2") && kept.has("Its name", "Bond 0+1+2"))
    }
  }

  @Test func settingsAreMeantForAllHostsThatHaveTheBond() async throws {
    let host = try await ServiceHost.make(.pool)
    let facts = try await BondLook(host.client, host.system).facts()
    await host.end()
    let settings = try #require(facts.bonds.first { $0.name == "bond0" })
    #expect(facts.isElsewhere("bond0"))
    #expect(Page(BondSettingsScreen(settings, isPool: true, isElsewhere: true)).has("Where", "on all hosts with this network"))
    #expect(Page(BondSettingsScreen(settings, isPool: true, isElsewhere: false)).has("Where", "on this host"))
    var page = Page(BondScreen("bond0"))
    page.hears(.bonds(.facts(.success(facts))))
    page.press(.character("s"))
    guard case .open(let opened) = page.last, let form = opened as? BondSettingsScreen else {
      Issue.record("no form")
      return
    }
    #expect(Page(form).has("Where", "on all hosts with this network"))
  }

  @Test func whatCannotBeAMemberSaysWhy() async throws {
    try await Self.with { host, _ in
      let scene = try await BondLook(host.client, host.system).facts().facts.bondScene
      let network = try await host.client.call(
        "network.create", [["name_label": "B", "name_description": "", "MTU": 1500, "other_config": [:], "bridge": "", "managed": true]])
      let members = ["eth1", "eth2"].compactMap { scene.tree[$0]?.ref.json }
      _ = try await host.client.call("Bond.create", [network, .array(members), "", "active-backup", [:]])
      for size in [Size(columns: 80, rows: 22), Size(columns: 160, rows: 48)] {
        var page = Page(BondCreateScreen(nil), size: size)
        page.hears(.bonds(.facts(.success(try await BondLook(host.client, host.system).facts()))))
        page.press(.down)
        #expect(page.has(" - ", "eth1", "bond0 member"))
        #expect(Self.flat(page.lines).contains("eth1 is a member of bond0 already."))
        page.press(.character(" "))
        if case .beep = page.last {} else { Issue.record("it was marked") }
        #expect(!page.has("[x]"))
        page.press(.enter)
        if case .beep = page.last {} else { Issue.record("it went on") }
      }
    }
  }

  @Test func withoutXAPIThereIsNothingToChoose() {
    var page = Page(BondCreateScreen(nil))
    page.hears(.bonds(.facts(.failure(ChangeProblem("XAPI must answer for this", remedy: "Wait for it, restart the toolstack, or use the emergency network reset")))))
    #expect(page.has("!! XAPI must answer for this.") && page.has("Wait for it, restart the toolstack"))
    page.press(.character("t"))
    guard case .open(let opened) = page.last else {
      Issue.record("t leads nowhere")
      return
    }
    #expect(opened is ToolstackScreen)
    #expect(page.screen.keys(page.context).map(\.key) == ["r", "t", "Esc", "?"])
    page.press(.character("r"))
    #expect(page.errand == "bonds")
  }

  // MARK: Live

  private static func live(lacp: BondLive.LACP? = nil, _ change: (inout BondLive) -> Void = { _ in }) -> BondLive {
    var live = BondLive(bond: "bond0", instant: .now, backend: .openVSwitch)
    live.isThere = true
    live.mode = lacp == nil ? "active-backup" : "balance-tcp"
    live.active = "eth1"
    (live.upDelay, live.downDelay) = (31000, 200)
    live.lacp = lacp
    live.members = ["eth1", "eth2"].map { name in
      var member = BondLive.Member(name: name)
      (member.hasLink, member.speed, member.isUsed) = (true, 10_000, true)
      member.isActive = name == "eth1"
      (member.received, member.sent) = (150_000_000, 1_500)
      return member
    }
    change(&live)
    return live
  }

  @Test func theBondIsShownWithoutXAPI() {
    for size in [Size(columns: 80, rows: 22), Size(columns: 160, rows: 48)] {
      var page = Page(BondScreen("bond0"), size: size)
      page.hears(.bonds(.facts(.failure(ChangeProblem("XAPI is silent")))))
      page.hears(.bonds(.live(Self.live())))
      #expect(page.has("Bond bond0: 2 of 2 links") && page.has("Mode", "active-backup"))
      #expect(page.has("eth1", "up", "10 Gb/s", "active", "1.2 Gb/s", "12 kb/s") && page.has("eth2", "standby"))
      #expect(page.has("Delays", "used 31 s after a link came back, given up 200 ms after it went"))
      #expect(page.has("XAPI is silent.") && page.has("All links are up."))
      // Nothing can be changed then.
      for key in ["s", "a", "x", "d"] {
        page.press(.character(Character(key)))
        if case .beep = page.last {} else { Issue.record("\(key)") }
      }
      // Another bond's news are passed over.
      var other = Self.live()
      other.bond = "bond1"
      other.members = []
      page.hears(.bonds(.live(other)))
      #expect(page.has("eth2", "standby"))
    }
  }

  @Test func aSilentPartnerIsToldInPlainWords() {
    let advice = "The switch does not speak LACP with bond0. Set up LACP on its ports."
    var page = Page(BondScreen("bond0"))
    page.hears(
      .bonds(
        .live(
          Self.live(lacp: .init(isNegotiated: false, fallsBack: true, rate: "slow", partners: [], advice: advice)) { live in
            live.members[1].isUsed = false
          })))
    #expect(page.has("LACP", "nobody answers, slow"))
    #expect(page.has("eth2", "NOT USED", "nobody"))
    let words = Self.flat(page.lines)
    #expect(words.contains("The switch does not speak LACP with bond0.") && words.contains("one link works alone"))
    page.hears(
      .bonds(
        .live(
          Self.live(lacp: .init(isNegotiated: true, fallsBack: false, rate: "fast", partners: ["00:1c:73:aa:bb:cc"], advice: nil)) { live in
            for index in live.members.indices { live.members[index].partner = "00:1c:73:aa:bb:cc" }
          })))
    #expect(page.has("negotiated with 00:1c:73:aa:bb:cc, fast") && Self.flat(page.lines).contains("the switch speaks LACP on each of them"))
  }

  /// A large screen has room for the course of the traffic and for both ends of LACP.
  @Test func aLargeScreenShowsMore() {
    let live = Self.live(lacp: .init(isNegotiated: true, fallsBack: true, rate: "slow", partners: ["00:1c:73:aa:bb:cc"], advice: nil)) { live in
      for index in live.members.indices {
        live.members[index].hashes = 10 * (index + 1)
        let state = ["activity", "aggregation", "synchronized", "collecting", "distributing"]
        live.members[index].ends = .init(
          own: .init(system: "b0:26:28:00:41:11", port: index + 1, key: 1, state: state),
          partner: index == 0 ? .init(system: "00:1c:73:aa:bb:cc", port: 11, key: 5, state: state + ["timeout"]) : .init())
      }
    }
    for size in [Size(columns: 80, rows: 22), Size(columns: 160, rows: 48)] {
      var page = Page(BondScreen("bond0"), size: size)
      for _ in 0..<3 { page.hears(.bonds(.live(live))) }
      let isLarge = size.columns == 160
      #expect(page.has("eth1 received 1.2 Gb/s", "eth2 received 1.2 Gb/s") == isLarge)
      #expect(page.has("███", "███") == isLarge && page.has("10 of 30 groups of senders", "20 of 30 groups of senders") == isLarge)
      #expect(page.has("port 11, key 5") == isLarge)
      #expect(page.has("sends and receives, asks for fast") == isLarge)
      #expect(page.has("nobody answers") == isLarge)
      // What matters stands above in any case.
      #expect(page.has("All links are up, and the switch speaks LACP on each of them."))
    }
  }

  @Test func inAPoolItIsAskedWhere() async throws {
    let host = try await ServiceHost.make(.pool)
    let facts = try await BondLook(host.client, host.system).facts()
    var page = Page(BondScreen("bond0"))
    page.hears(.bonds(.facts(.success(facts))))
    page.press(.down, .character("x"))
    guard case .open(let opened) = page.last, let place = opened as? BondWhereScreen else {
      Issue.record("not asked")
      await host.end()
      return
    }
    var second = Page(place)
    #expect(second.has("Take eth1 out: where?") && second.has("1 On all hosts of the pool that have the bond"))
    second.press(.character("1"))
    #expect(second.intent == .bonds(.removeMember("eth1", bond: "bond0", isPoolWide: true)))
    second.press(.character("2"))
    #expect(second.intent == .bonds(.removeMember("eth1", bond: "bond0")))
    page.press(.character("d"))
    guard case .open(let leaving) = page.last, let destroy = leaving as? BondDestroyScreen else {
      Issue.record("no question")
      await host.end()
      return
    }
    var third = Page(destroy)
    #expect(third.has("Everything goes to eth0, its primary member."))
    third.press(.character("2"))
    #expect(third.intent == .bonds(.destroy("bond0", withNetwork: true, isPoolWide: true)))
    await host.end()
  }

  @Test func whatIsDownIsSaidFirst() {
    var page = Page(BondScreen("bond0"))
    page.hears(
      .bonds(
        .live(
          Self.live { live in
            (live.members[0].hasLink, live.members[0].speed, live.members[0].isActive) = (false, nil, false)
            live.members[0].isUsed = false
            live.members[1].isActive = true
            live.members[1].pending = "updelay expires in 12000 ms"
          })))
    #expect(page.has("1 of 2 links") && page.has("eth1", "DOWN") && Self.flat(page.lines).contains("eth1 has no link. Check its cable"))
    #expect(Self.flat(page.lines).contains("eth2 has a link again, and is used in 12 s (up delay)."))
    page.hears(.bonds(.live(Self.live { live in for index in live.members.indices { live.members[index].hasLink = false } })))
    #expect(page.has("!! No NIC of bond0 has a link: nothing passes."))
  }

  @Test func itsKeysLeadToTheReviews() async throws {
    try await Self.with { host, facts in
      let members = ["eth1", "eth2"].compactMap { facts.facts.bondScene.tree[$0]?.ref.json }
      let network = try await host.client.call(
        "network.create", [["name_label": "B", "name_description": "", "MTU": 1500, "other_config": [:], "bridge": "", "managed": true]])
      _ = try await host.client.call("Bond.create", [network, .array(members), "", "lacp", [:]])
      let fresh = try await BondLook(host.client, host.system).facts()
      var page = Page(BondScreen("bond0"))
      page.hears(.bonds(.facts(.success(fresh))))
      page.hears(.bonds(.live(await BondWatch("bond0", host.system).look().live)))
      #expect(page.has("Mode", "LACP (balance-tcp on the switch), hashing tcpudp_ports, fallback on") && page.has("Network", "B"))
      #expect(page.has("LACP", "negotiated with 00:1c:73:aa:bb:cc"))
      page.press(.down, .character("x"))
      #expect(page.intent == .bonds(.removeMember("eth2", bond: "bond0")))
      page.press(.character("a"))
      guard case .open(let adding) = page.last, let add = adding as? BondAddScreen else {
        Issue.record("no list")
        return
      }
      var second = Page(add)
      #expect(second.has("1 eth0") && second.has("2 eth3"))
      second.press(.character("2"))
      #expect(second.intent == .bonds(.addMember("eth3", bond: "bond0")))
      page.press(.character("d"))
      guard case .open(let leaving) = page.last, let destroy = leaving as? BondDestroyScreen else {
        Issue.record("no question")
        return
      }
      var third = Page(destroy)
      third.press(.character("2"))
      #expect(third.intent == .bonds(.destroy("bond0", withNetwork: true)))
      page.press(.character("s"))
      guard case .open(let setting) = page.last, let form = setting as? BondSettingsScreen else {
        Issue.record("no form")
        return
      }
      var fourth = Page(form)
      #expect(fourth.has("Mode", "LACP") && fourth.has("Up delay", "31000 by XAPI"))
      fourth.press(.tab, .right, .tab, .tab, .tab, .tab)
      fourth.type("500")
      fourth.press(.enter)
      #expect(
        fourth.intent == .bonds(.set(BondSettingsRequest(bond: "bond0", properties: ["hashing_algorithm": "src_mac"], upDelay: "500"))))
    }
  }
}
