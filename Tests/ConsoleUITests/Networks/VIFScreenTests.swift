import SimulatedHost
import TerminalUI
import Testing
import XenAPI

@testable import ConsoleUI
@testable import HostNetworking

/// The VIFs of a network and the forms about them: what XAPI tells in, lines and intents out.
@Suite struct VIFScreenTests {
  private static let sizes = [Size(columns: 80, rows: 22), Size(columns: 160, rows: 48)]

  private static func with(_ body: (VIFList) throws -> Void) async throws {
    let host = try await ServiceHost.make()
    do {
      try body(VIFList(try await ChangeLook(host.client, host.system).facts()))
    } catch {
      await host.end()
      throw error
    }
    await host.end()
  }

  private static func page(_ list: VIFList, _ size: Size = sizes[0]) -> Page<VIFsScreen> {
    var page = Page(VIFsScreen(nil), size: size)
    page.hears(.vifs(.list(.success(list))))
    return page
  }

  private func keys(_ page: Page<VIFsScreen>) -> [String] { page.screen.keys(page.context).map(\.key) }

  private func chosen(_ page: Page<VIFsScreen>) -> String { page.lines.first { $0.contains("│>") || $0.hasPrefix(">") || $0.contains("|>") } ?? "" }

  private func opened<Shown: Screen>(_ reaction: Reaction, _ kind: Shown.Type) throws -> Shown {
    guard case .open(let screen) = reaction else { throw ChangeFailure("nothing was opened") }
    return try #require(screen as? Shown)
  }

  @Test(arguments: sizes) func whoIsOnWhichNetworkIsTold(_ size: Size) async throws {
    try await Self.with { list in
      let page = Self.page(list, size)
      let first = try #require(list.rows.first)
      #expect(page.has(first.vm, first.mac, first.isPlugged ? "yes" : "no") && page.has("Network", first.network) && page.has("Locking", "as the network has it"))
      #expect(!page.text.contains("network_default"))
      #expect(["+", "m", "l", "x", "/", "Esc", "?"].allSatisfy { keys(page).contains($0) })
      // All of them stand in 80 columns.
      #expect(page.screen.keys(page.context).reduce(0) { $0 + $1.key.count + $1.does.count + 3 } <= 82)
    }
  }

  /// "none" is said only where nothing passes, and Enter changes nothing.
  @Test func whatMaySendIsToldByTheLock() async throws {
    try await Self.with { list in
      var list = list
      func page(_ mode: LockingMode, _ addresses: [String], network: LockingMode = .unlocked) -> Page<VIFsScreen> {
        (list.rows[0].locking, list.rows[0].networkMode, list.rows[0].ipv4Allowed, list.rows[0].ipv6Allowed) = (mode, network, addresses, [])
        return Self.page(list)
      }
      #expect(page(.networkDefault, []).has("Locking", "as the network has it: unlocked") && page(.networkDefault, []).has("Allowed", "anything: not locked"))
      #expect(page(.unlocked, ["10.0.4.80"]).has("Allowed", "anything: not locked; 10.0.4.80, kept for when it is locked"))
      #expect(page(.locked, ["10.0.4.80"]).has("Allowed", "10.0.4.80") && page(.locked, []).has("Allowed", "none: nothing passes"))
      #expect(page(.networkDefault, [], network: .disabled).has("Allowed", "nothing passes: disabled"))
      var still = page(.unlocked, [])
      still.press(.enter)
      guard case .done = still.last else { throw ChangeFailure("Enter led somewhere") }
    }
  }

  /// A network whose NIC is in a bond is no place for a VIF: it comes last, and says why.
  @Test func networksOfBondMembersComeLast() async throws {
    let host = try await ServiceHost.make(.pool)
    let result: Result<ChangeFacts, ChangeProblem>
    do { result = .success(try await ChangeLook(host.client, host.system).facts()) } catch { result = .failure(error) }
    await host.end()
    let facts = try result.get()
    let networks = VIFList(facts).networks
    let idle = networks.filter(\.isIdle)
    #expect(idle.count == 2 && networks.suffix(2).allSatisfy(\.isIdle), "\(networks.map(\.about))")
    #expect(idle.map(\.about).sorted() == ["no traffic: eth0 is in bond0", "no traffic: eth1 is in bond0"])
    var page = Page(PickScreen.network(VIFList(facts), "Where?", chosen: nil) { VIFFormScreen(VIFList.Thing(uuid: "u", name: "vm"), $0) })
    page.press(.end)
    #expect(page.text.contains("is in bond0"), "\(page.text)")
  }

  /// A key hits the VIF that was chosen, whatever came before it in the list meanwhile.
  @Test func theChoiceStaysOnItsVIF() async throws {
    try await Self.with { list in
      var page = Self.page(list)
      page.press(.down, .down)
      let third = list.rows[2]
      page.press(.character("x"))
      #expect(page.intent == .vifs(.destroy(vif: third.uuid)))
      var shorter = list
      shorter.rows.removeFirst()
      page.hears(.vifs(.list(.success(shorter))))
      page.press(.character(third.isPlugged ? "u" : "p"))
      #expect(page.intent == .vifs(third.isPlugged ? .unplug(vif: third.uuid) : .plug(vif: third.uuid)))
    }
  }

  @Test func theFilterFindsAVM() async throws {
    try await Self.with { list in
      var page = Self.page(list)
      let last = try #require(list.rows.last)
      page.press(.character("/"))
      page.type(last.mac)
      // Letters go into the filter, none of them is a command.
      #expect(page.has("1 of \(list.rows.count)"))
      page.press(.enter, .character("u"))
      #expect(page.intent == .vifs(.unplug(vif: last.uuid)))
      page.press(.escape)
      #expect(!page.text.contains("1 of"))
    }
  }

  @Test(arguments: sizes) func aVMIsFoundAmongHundreds(_ size: Size) async throws {
    try await Self.with { list in
      var many = list
      for number in 0..<400 { many.vms.append(VIFList.Thing(uuid: "u\(number)", name: "desktop-\(number)", about: "halted, 0 VIFs")) }
      var page = Self.page(many, size)
      page.press(.character("+"))
      var vms = Page(try opened(page.last, PickScreen.self), size: size)
      vms.press(.character("/"))
      vms.type("desktop-377")
      vms.press(.enter)
      #expect(vms.has("1 of \(many.vms.count)") && vms.has("desktop-377", "halted, 0 VIFs"))
      vms.press(.enter)
      var networks = Page(try opened(vms.last, PickScreen.self), size: size)
      #expect(networks.has("New VIF of desktop-377: on which network?") && networks.has(many.networks[0].name, many.networks[0].about))
      networks.press(.down, .enter)
      var form = Page(try opened(networks.last, VIFFormScreen.self), size: size)
      #expect(form.has("Network", many.networks[1].name) && form.has("VM", "desktop-377") && form.has("MAC", "made up"))
      form.type("2")
      form.press(.tab)
      form.type("+2:16:3e:00:00:01")
      form.press(.enter)
      #expect(form.intent == nil && form.has("six bytes such as"))
      for _ in 0..<20 { form.press(.backspace) }
      form.type("02:16:3E:00:00:01")
      form.press(.enter)
      #expect(form.intent == .vifs(.create(VIFDraft(vm: "u377", network: many.networks[1].uuid, device: "2", mac: "02:16:3e:00:00:01"))))
    }
  }

  @Test func aMoveAsksForTheNetworkThatItBeginsAt() async throws {
    try await Self.with { list in
      var page = Self.page(list)
      page.press(.character("m"))
      let first = try #require(list.rows.first)
      var networks = Page(try opened(page.last, PickScreen.self))
      networks.press(.function(12))
      #expect(networks.has(">", first.network))
      networks.press(.character("/"))
      let other = try #require(list.networks.last { $0.uuid != first.networkUUID })
      networks.type(other.uuid)
      networks.press(.enter, .enter)
      #expect(networks.intent == .vifs(.move(vif: first.uuid, network: other.uuid)))
    }
  }

  @Test(arguments: sizes) func aLockIsChosenWithItsAddresses(_ size: Size) async throws {
    try await Self.with { list in
      var page = Self.page(list, size)
      page.press(.character("l"))
      let first = try #require(list.rows.first)
      var form = Page(try opened(page.last, VIFLockScreen.self), size: size)
      #expect(form.has("Lock VIF \(first.device) of \(first.vm)") && form.has("locked", "only its MAC and the addresses above pass"))
      form.press(.right, .tab)
      form.type("10.0.10.80/24")
      form.press(.enter, .enter)
      #expect(form.intent == nil)
      for _ in 0..<3 { form.press(.backspace) }
      form.press(.enter, .enter)
      #expect(form.intent == .vifs(.lock(VIFLock(vif: first.uuid, mode: .locked, ipv4: ["10.0.10.80"]))))
      #expect(form.screen.keys(form.context).first?.key == "Enter")
    }
  }

  @Test(arguments: sizes) func silenceHasAWayOut(_ size: Size) throws {
    var page = Page(VIFsScreen(nil), size: size)
    #expect(page.has("Looking ...") && keys(page) == ["Esc", "?"])
    page.press(.character("+"))
    guard case .done = page.last else { throw ChangeFailure("a dead key does something") }
    page.hears(.vifs(.list(.failure(ChangeProblem("XAPI does not answer", remedy: "Wait for it, or restart the toolstack")))))
    #expect(page.has("XAPI does not answer") && keys(page) == ["r", "t", "Esc", "?"])
    page.press(.character("t"))
    _ = try opened(page.last, ToolstackScreen.self)
    page.press(.character("r"))
    #expect(page.errand == "vifs")
  }
}
