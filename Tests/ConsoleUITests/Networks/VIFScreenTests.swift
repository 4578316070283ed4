import Dom0
import TerminalUI
import TestSupport
import Testing
import XenAPI

@testable import ConsoleUI
@testable import HostNetworking

/// VIFs, addresses and the path to storage, as frames.
@Suite struct VIFScreenTests {
  private static let sizes = [Size(columns: 80, rows: 22), Size(columns: 160, rows: 48)]

  private static func row(_ vm: String, _ device: String = "0", network: String = "DMZ", plugged: Bool = true, _ locking: LockingMode = .networkDefault) -> VIFList.Row {
    VIFList.Row(
      uuid: "\(vm)-\(device)", device: device, vm: vm, vmUUID: "uuid of \(vm)", state: .running, host: "xcp1", network: network, networkUUID: "uuid of \(network)",
      mac: "02:16:3e:00:00:0\(device)", isPlugged: plugged, locking: locking, ipv4Allowed: locking == .locked ? ["10.0.10.80"] : [],
      ipv6Allowed: locking == .locked ? ["fd00::80"] : [])
  }

  private static func list(_ rows: [VIFList.Row] = [row("web-01"), row("web-02", plugged: false), row("db", "1", network: "Voice", .locked)]) async throws -> VIFList {
    let host = try await ServiceHost.make()
    var list = VIFList(try await ChangeLook(host.client, host.system).facts())
    await host.end()
    list.rows = rows
    list.vms = [VIFList.Thing(uuid: "uuid of web-01", name: "web-01"), VIFList.Thing(uuid: "aaaaaaaa-1", name: "twin"), VIFList.Thing(uuid: "bbbbbbbb-2", name: "twin")]
    list.networks = [VIFList.Thing(uuid: "uuid of DMZ", name: "DMZ"), VIFList.Thing(uuid: "uuid of Voice", name: "Voice")]
    return list
  }

  private static func footer(_ screen: some Screen, _ context: Context) -> [String] { screen.keys(context).map(\.key) }

  // MARK: The list

  @Test(arguments: sizes) func whoIsWhereIsSeenAndKeysLeadOn(_ size: Size) async throws {
    var page = Page(VIFsScreen(nil), size: size)
    #expect(page.has("Looking ..."))
    #expect(!Self.footer(page.screen, page.context).contains("+"))
    page.hears(.vifs(.list(.success(try await Self.list()))))
    #expect(page.has("VIFs: 3") && page.has("web-01", "02:16:3e:00:00:00", "yes") && page.has("web-02", "no") && page.has("db", "locked"))
    #expect(size.columns < 160 || page.has("db", "xcp1", "Voice", "10.0.10.80, fd00::80"))
    #expect(Self.footer(page.screen, page.context) == ["+", "m", "u", "l", "x", "r", "Esc", "?"])
    page.press(.character("u"))
    #expect(page.intent == .vifs(.unplug(vif: "web-01-0")))
    page.press(.down, .character("p"))
    #expect(page.intent == .vifs(.plug(vif: "web-02-0")))
    page.press(.character("x"))
    #expect(page.intent == .vifs(.destroy(vif: "web-02-0")))
    // What is chosen stays so when the list changes.
    page.hears(.vifs(.list(.success(try await Self.list([Self.row("app"), Self.row("web-01"), Self.row("web-02", plugged: false)])))))
    page.press(.character("p"))
    #expect(page.intent == .vifs(.plug(vif: "web-02-0")))
  }

  @Test(arguments: sizes) func silenceHasAWayOut(_ size: Size) {
    var page = Page(VIFsScreen(nil), size: size)
    page.hears(.vifs(.list(.failure(ChangeProblem("XAPI must answer for this: connection refused", remedy: "Wait for it")))))
    #expect(page.text.contains("connection refused"))
    #expect(Self.footer(page.screen, page.context) == ["r", "t", "Esc", "?"])
    page.press(.character("r"))
    #expect(page.errand == "vifs")
    page.press(.character("t"))
    guard case .open(let next) = page.last, next is ToolstackScreen else {
      Issue.record("no way to the toolstack")
      return
    }
  }

  // MARK: Forms

  @Test(arguments: sizes) func aNewVIFIsAskedFor(_ size: Size) async throws {
    var page = Page(VIFFormScreen(try await Self.list(), network: "uuid of Voice", vif: nil), size: size)
    #expect(page.has("New VIF") && page.has("VM", "web-01") && page.has("Network", "Voice") && page.has("MAC", "made up") && page.has("Position", "the first that is free"))
    page.press(.right)
    // Two of one name are told apart.
    #expect(page.has("VM", "twin (aaaaaaaa)"))
    page.press(.left, .tab, .tab)
    page.type("x")
    page.press(.tab)
    #expect(page.has("a position is a number"))
    page.press(.backTab, .backspace)
    page.type("3")
    page.press(.tab)
    page.type("02:16:3e:00:00:99")
    page.press(.enter)
    #expect(page.intent == .vifs(.create(VIFDraft(vm: "uuid of web-01", network: "uuid of Voice", device: "3", mac: "02:16:3e:00:00:99"))))
    #expect(Self.footer(page.screen, page.context).first == "Enter")
  }

  @Test(arguments: sizes) func aVIFIsMoved(_ size: Size) async throws {
    let list = try await Self.list()
    var page = Page(VIFFormScreen(list, network: nil, vif: list.rows[0]), size: size)
    #expect(page.has("Move VIF 0 of web-01") && page.has("Network", "DMZ"))
    page.press(.right, .enter)
    #expect(page.intent == .vifs(.move(vif: "web-01-0", network: "uuid of Voice")))
  }

  @Test(arguments: sizes) func aVIFIsLocked(_ size: Size) async throws {
    let list = try await Self.list()
    var list3 = Page(VIFsScreen(nil), size: size)
    list3.hears(.vifs(.list(.success(list))))
    list3.press(.down, .down, .character("l"))
    guard case .open(let next) = list3.last, let form = next as? VIFLockScreen else {
      Issue.record("no form")
      return
    }
    var page = Page(form, size: size)
    #expect(page.has("Lock VIF 1 of db") && page.has("Locking", "locked") && page.has("IPv4 allowed", "10.0.10.80") && page.has("IPv6 allowed", "fd00::80"))
    #expect(page.has("disabled", "nothing passes") && page.text.contains("it is in force at once"))
    page.press(.tab)
    page.type("/24")
    page.press(.tab)
    #expect(page.text.contains("10.0.10.80/24 is no IPv4 address: without a length"))
    page.press(.backTab, .backspace, .backspace, .backspace)
    page.type(", 10.0.10.81")
    page.press(.enter, .enter)
    #expect(page.intent == .vifs(.lock(VIFLock(vif: "db-1", mode: .locked, ipv4: ["10.0.10.80", "10.0.10.81"], ipv6: ["fd00::80"]))))
  }

  // MARK: Addresses and storage

  private static func with(_ body: (ChangeFacts) async throws -> Void) async throws {
    let host = try await ServiceHost.make()
    let facts = try await ChangeLook(host.client, host.system).facts()
    await host.end()
    try await body(facts)
  }

  @Test(arguments: sizes) func anAddressIsAskedForAndTheGatewayTrapExplained(_ size: Size) async throws {
    try await Self.with { facts in
      var page = Page(AddressScreen("eth2"), size: size)
      #expect(page.has("Looking ..."))
      page.hears(.changeFacts(.success(facts)))
      #expect(page.has("Address of eth2") && page.has("IPv4", "none") && page.has("Unplugging", "allowed"))
      page.press(.right, .right)
      #expect(page.has("IPv4", "static") && page.has("Netmask", "255.255.255.0"))
      page.press(.tab)
      page.type("10.0.20.11")
      page.press(.tab)
      page.type("24")
      page.press(.tab)
      page.type("10.0.20.1")
      #expect(page.text.contains("This gateway is kept on record and not used"))
      #expect(page.has("Default route", "not by this interface"))
      page.press(.tab, .tab, .tab, .tab, .right, .enter)
      guard case .addresses(.set(let request))? = page.intent else {
        Issue.record("no review")
        return
      }
      #expect(request.interface == "eth2" && request.isProtected && !request.isDefaultRoute)
      let prefix = try IPv4Prefix(parsing: "10.0.20.11/24")
      #expect(request.ipv4 == .fixed(prefix, gateway: IPv4Address("10.0.20.1")))
    }
  }

  @Test(arguments: sizes) func anAddressPageWithoutXAPIHasAWayOut(_ size: Size) {
    var page = Page(AddressScreen("eth2"), size: size)
    page.hears(.changeFacts(.failure(ChangeProblem("XAPI must answer for this: it hangs", remedy: "Wait for it"))))
    #expect(page.text.contains("it hangs") && Self.footer(page.screen, page.context) == ["r", "t", "Esc", "?"])
    page.press(.character("r"))
    #expect(page.errand == "lookForChange")
    page.press(.escape)
    guard case .back = page.last else {
      Issue.record("no way back")
      return
    }
  }

  @Test(arguments: sizes) func aStoragePathIsAskedForFromTheNICUp(_ size: Size) async throws {
    try await Self.with { facts in
      var page = Page(StoragePathScreen("eth2"), size: size)
      page.hears(.changeFacts(.success(facts)))
      #expect(page.has("Storage network") && page.has("NIC or bond", "eth2") && page.has("MTU", "1500") && page.has("Unplugging", "forbidden"))
      #expect(page.has("eth2", "network \"Pool-wide network 2\"", "MTU 1500, no address") && page.has("5", "the storage answers"))
      page.press(.tab)
      page.type("20")
      page.press(.tab)
      #expect(page.has("Its network", "Storage and the tag"))
      page.press(.tab)
      page.type("10.0.20.11")
      page.press(.tab)
      #expect(page.text.contains("the prefix length must follow"))
      page.press(.backTab)
      page.type("/24")
      page.press(.tab, .backspace, .backspace, .backspace, .backspace)
      page.type("9000")
      page.press(.tab)
      page.type("10.0.20.100")
      page.press(.tab, .tab, .enter)
      guard case .addresses(.storage(let request))? = page.intent else {
        Issue.record("no review")
        return
      }
      #expect(request.base == "eth2" && request.tag == 20 && request.mtu == 9000 && request.isProtected && request.purpose == "Storage")
      #expect(request.target == InternetAddress("10.0.20.100") && "\(request.address)" == "10.0.20.11/24")
    }
  }

  // MARK: The toolstack

  @Test(arguments: sizes) func eachPartHasItsOwnEnd(_ size: Size) {
    for (key, part, words) in [
      ("1", ToolstackPart.toolstack, "Done: XAPI answers."), ("2", .xapi, "Done: XAPI answers."), ("3", .networkd, "Done: the network daemon runs. XAPI was not asked."),
    ] {
      var page = Page(ToolstackScreen(), size: size)
      var facts = ToolstackFacts()
      facts.silence = "connection refused"
      page.hears(.routes(.toolstack(facts)))
      #expect(page.has("XAPI", "XAPI does not run, and does not answer: connection refused"))
      page.press(.character(Character(key)))
      let plan = ToolstackPlanner(facts).plan(part)
      page.hears(.changePlanned(.success(plan)))
      #expect(page.has("y restarts."))
      page.press(.character("y"))
      page.hears(.routes(.restartOver(plan, .done)))
      #expect(page.text.contains(words))
    }
  }

  /// Left and opened again, the page tells of the restart that goes on, and of its end.
  @Test(arguments: sizes) func aRestartIsFoundAgain(_ size: Size) {
    var page = Page(ToolstackScreen(), size: size)
    let plan = ToolstackPlanner(ToolstackFacts()).plan(.toolstack)
    page.hears(.routes(.toolstack(ToolstackFacts())))
    page.hears(.routes(.restartStep(plan, 1, .running("XAPI starts, and does not listen yet, 20 s so far"))))
    #expect(page.has("Wait until XAPI answers: XAPI starts") && page.text.contains("so far") && page.has("You may leave with Esc"))
    page.hears(.routes(.restartOver(plan, .undone(reason: "XAPI has not answered within 300 s"))))
    #expect(page.text.contains("XAPI has not answered within 300 s."))
  }

  @Test(arguments: sizes) func whatARestartMeetsIsTold(_ size: Size) {
    var page = Page(ToolstackScreen(), size: size)
    var facts = ToolstackFacts()
    (facts.isCoordinator, facts.hosts, facts.isResetPending) = (true, 3, true)
    page.hears(.routes(.toolstack(facts)))
    page.press(.character("3"))
    page.hears(.changePlanned(.success(ToolstackPlanner(facts).plan(.networkd))))
    #expect(page.text.replacing("\n", with: " ").contains("A network reset waits for the next boot"))
    page.press(.character("1"))
    page.hears(.changePlanned(.success(ToolstackPlanner(facts).plan(.toolstack))))
    #expect(page.text.contains("This host is the coordinator of 3 hosts"))
    #expect(page.has("y restarts."))
  }
}
