import Dom0
import SimulatedHost
import TerminalUI
import TestSupport
import Testing

@testable import ConsoleUI
@testable import HostNetworking

/// The list of names: what is chosen shows at once, with what follows.
struct NICNamesScreenTests {
  private func desk(_ names: NICNames, _ size: Size = Size(columns: 80, rows: 24)) -> Desk {
    var desk = Desk(size: size)
    desk.press(.character("2"), .character("a"), .end)
    for _ in 0..<3 { desk.press(.up) }
    desk.press(.enter)
    #expect(desk.errands.names.last == "lookAtNames")
    desk.hears(.nicNames(names))
    return desk
  }

  /// Four NICs: management, a free one with VMs, two more free ones.
  private var names: NICNames {
    var names = NICNames()
    names.scheme = .rules
    names.xapi = NamesInXAPI()
    names.nics = (0..<4).map { number in
      var nic = NICNames.NIC(
        RenameLogic.Card(
          mac: "a0:36:9f:00:00:0\(number)", function: "0000:5e:00.\(number)", name: "eth\(number)", order: number, physical: "em\(number + 1)",
          label: "Integrated NIC \(number + 1)"))
      nic.driver = "ixgbe"
      nic.link = .up
      nic.speed = 10_000
      nic.nextName = "eth\(number)"
      nic.use.network = "Network \(number)"
      return nic
    }
    names.nics[0].use.words = ["management"]
    names.nics[0].use.reasons = [.init("eth0 carries management", "Move management to another interface first")]
    names.nics[1].use.vms = ["mail", "nas"]
    let entries = names.nics.map { DynamicRules.Entry(mac: $0.mac, pci: $0.pci, name: $0.name) }
    if let bytes = try? DynamicRules.rendered(lastBoot: entries, old: []) { names.dynamicRules = Result { () throws(HostFileError) in try DynamicRules(parsing: bytes) } }
    names.staticRules = Result { () throws(HostFileError) in try StaticRules(parsing: []) }
    return names
  }

  @Test func theListAsItComes() {
    let desk = desk(names)
    #expect(
      desk.lines[1...6].map { String($0) } == [
        "┌─ Names of NICs ──────────────────────────────────────────────────────────────┐",
        "│ Now   After boot Link    Speed MAC               Place Used for              │",
        "│>eth0  same       up    10 Gb/s a0:36:9f:00:00:00 em1   * management          │",
        "│ eth1  same       up    10 Gb/s a0:36:9f:00:00:01 em2   2 VMs                 │",
        "│ eth2  same       up    10 Gb/s a0:36:9f:00:00:02 em3   Network 2             │",
        "│ eth3  same       up    10 Gb/s a0:36:9f:00:00:03 em4   Network 3             │",
      ])
    #expect(desk.text.contains("Keeps its name: eth0 carries management. Move management to another interface first."))
    #expect(desk.lines[23].hasPrefix("Enter name  +/- move  b blink  i rules  R reset  Esc back  ? help"))
  }

  @Test func wideScreensShowMore() {
    let desk = desk(names, Size(columns: 160, rows: 50))
    #expect(
      desk.lines[2] == "│ Now   After boot Link    Speed MAC               Place Used for               PCI          Driver Label            Static rule"
        + String(repeating: " ", count: 31) + "│")
    #expect(desk.lines[3].contains("0000:5e:00.0 ixgbe  Integrated NIC 1"))
  }

  @Test func aMoveShowsTheWholeSwap() {
    var desk = desk(names)
    desk.press(.down, .down, .character("+"))
    #expect(desk.lines[5].contains("eth3  -> eth2") && desk.lines[6].contains(">eth2  -> eth3"))
    #expect(desk.text.contains("Chosen: eth2 -> eth3, eth3 -> eth2. y shows what it means."))
    #expect(desk.lines[23].hasPrefix("y review"))
    desk.press(.character("u"))
    #expect(!desk.screen.contains("->"))
    // Back where it was is no change, and past the end there is nothing.
    desk.press(.character("+"), .character("-"))
    #expect(!desk.screen.contains("->"))
    desk.press(.down, .character("+"))
    #expect(desk.text.contains("No NIC after it can be renamed."))
    desk.press(.character("y"))
    #expect(desk.errands.names.filter { $0 == "planChange" }.isEmpty, "nothing is chosen")
  }

  @Test func whatIsInUseIsPassedOver() {
    var desk = desk(names)
    desk.press(.character("+"))
    #expect(desk.text.contains("!  eth0 carries management.") && !desk.screen.contains("->"))
    desk.press(.enter)
    #expect(desk.text.contains("!  eth0 carries management.") && desk.screen.contains("Names of NICs"))
    desk.press(.down, .character("-"))
    #expect(desk.text.contains("No NIC before it can be renamed."))
  }

  @Test func anyNameFromAList() {
    var desk = desk(names)
    desk.press(.end, .enter)
    #expect(desk.screen.contains("eth0  not possible: eth0 carries management"))
    #expect(desk.screen.contains("eth1  swaps with a0:36:9f:00:00:01 (em2), 2 VMs"))
    #expect(desk.lines.contains { $0.contains(">") && $0.contains("eth3  as now") })
    desk.press(.home, .enter)
    #expect(desk.text.contains("!  eth0 carries management."))
    desk.press(.down, .enter)
    #expect(desk.lines[4].contains(">eth3  -> eth1") && desk.lines[6].contains("eth1  -> eth3"))
    desk.press(.enter, .end, .enter)
    #expect(desk.screen.contains("eth3  -> eth5"), "a free one")
    desk.press(.character("y"))
    #expect(desk.errands.names.last == "planChange")
    guard case .planChange(.renameNICs(let request))? = desk.errands.all.last else { return #expect(Bool(false), "no plan was asked for") }
    #expect(request.names == ["a0:36:9f:00:00:03": "eth5", "a0:36:9f:00:00:01": "eth3"])
  }

  @Test func theReviewLeadsToTheReboot() throws {
    var desk = desk(names)
    desk.press(.end, .character("-"), .character("y"))
    guard case .planChange(.renameNICs(let request))? = desk.errands.all.last else { return #expect(Bool(false), "no plan was asked for") }
    let plan = try RenamePlanner(names).plan(request)
    desk.hears(.changePlanned(.success(plan)))
    #expect(desk.screen.contains("rule eth2    a0:36:9f:00:00:02 5e:00.2       a0:36:9f:00:00:03 5e:00.3"))
    #expect(desk.text.contains("eth2         a0:36:9f:00:00:02 (em3)         called eth3"))
    desk.press(.character("y"))
    desk.hears(.changeOver(.done))
    #expect(desk.text.contains("The names change when the host reboots. b reboots it."))
    desk.press(.character("b"))
    #expect(desk.text.contains("The host reboots in 10 s. Esc stops that."))
    desk.press(.escape)
    desk.clock.advance(seconds: 20)
    desk.tick()
    #expect(!desk.errands.names.contains("reboot"))
    desk.press(.character("b"))
    desk.clock.advance(seconds: 10)
    desk.tick()
    #expect(desk.errands.names.last == "reboot" && desk.text.contains("The host reboots."))
    desk.press(.escape)
    #expect(desk.errands.names.last == "lookAtNames", "the list is looked up anew")
  }

  @Test func whatIsLeftToDoIsOneKeyAway() {
    var left = names
    left.leftovers = [.forget("eth3", now: "eth7"), .scan("eth7")]
    var desk = desk(left)
    #expect(desk.text.contains("XAPI still knows eth3, but that NIC is called eth7 now: let XAPI forget eth3 (and 1 more). f does it."))
    desk.press(.character("f"))
    guard case .planChange(.forgetNIC("eth3"))? = desk.errands.all.last else { return #expect(Bool(false), "no plan was asked for") }
  }

  @Test func oddThingsAreSaid() {
    var odd = names
    odd.nics[3].card.name = "side-1234-eth3"
    odd.nics[2].isRemembered = false
    odd.remarks = ["static-rules.conf: line 3 is not a rule"]
    odd.silence = "XAPI is not running"
    odd.xapi = nil
    var desk = desk(odd)
    desk.press(.end)
    #expect(desk.text.contains("Put aside: it was eth3"))
    #expect(desk.text.contains("Static-rules.conf: line 3 is not a rule.") && desk.text.contains("XAPI is not running. What NICs are used for is from networkd's file."))
    desk.press(.character("i"))
    #expect(desk.text.contains("Static rules (win at every boot)") && desk.text.contains("eth2  a0:36:9f:00:00:02 at 0000:5e:00.2"))
    desk.press(.escape)
    // Silent, it is asked again by and by.
    desk.clock.advance(seconds: 6)
    desk.tick()
    #expect(desk.errands.names.filter { $0 == "lookAtNames" }.count == 2)
  }

  @Test func rulesThatCannotBeRead() {
    var broken = names
    broken.problem = "line 1 is not JSON"
    for place in broken.nics.indices { broken.nics[place].nextName = nil }
    var desk = desk(broken)
    #expect(desk.text.contains("No names can be changed: line 1 is not JSON. R goes back to the rules of the installation."))
    desk.press(.down, .character("+"), .enter)
    #expect(!desk.screen.contains("->") && desk.screen.contains("Names of NICs"))
    desk.press(.character("R"))
    guard case .planChange(.resetNICNames)? = desk.errands.all.last else { return #expect(Bool(false), "no plan was asked for") }
  }

  @Test func newerReleasesHaveAnOrder() {
    var ordered = NICNames()
    ordered.scheme = .order
    ordered.order = [
      .init(name: "enp5s0", position: 0, mac: "a0:36:9f:00:00:00", pci: "0000:05:00.0", isPresent: true),
      .init(name: "eno12429np0", position: 3, mac: "a0:36:9f:00:00:01", pci: nil, isPresent: false),
    ]
    var desk = desk(ordered)
    #expect(desk.lines[3].contains(">0        enp5s0      a0:36:9f:00:00:00 0000:05:00.0 yes"))
    #expect(desk.lines[4].contains(" 3        eno12429np0 a0:36:9f:00:00:01 -            NO"))
    #expect(desk.text.contains("This release has no interface-rename."))
    desk.press(.character("+"), .enter, .character("R"), .character("y"))
    #expect(desk.errands.names == ["lookAtNames"])
    #expect(!desk.lines[23].contains("move"))
  }

  /// With many NICs as well: the chosen one is in view, and nothing is drawn beyond the screen.
  @Test(arguments: [Size(columns: 40, rows: 12), Size(columns: 60, rows: 16), Size(columns: 80, rows: 24), Size(columns: 160, rows: 50)])
  func itFitsEverywhere(_ size: Size) throws {
    var many = names
    for number in 4..<40 {
      var nic = NICNames.NIC(RenameLogic.Card(mac: "a0:36:9f:00:01:\(10 + number)", function: "0000:86:00.0", name: "eth\(number)", order: number))
      nic.nextName = "eth\(number)"
      nic.index = number - 4
      many.nics.append(nic)
    }
    many.remarks = (0..<30).map { "remark \($0) of the rules that is rather long, so that it takes more than one line of a narrow screen" }
    var desk = desk(many, size)
    func fits() -> Bool { desk.lines.count == size.rows && desk.lines.allSatisfy { columns(of: $0) <= size.columns } }
    #expect(fits())
    desk.press(.end)
    #expect(desk.screen.contains(">eth39") && fits())
    desk.press(.enter, .end)
    #expect(desk.screen.contains("eth41") && fits())
    desk.press(.enter)
    #expect(desk.screen.contains(">eth39") && desk.screen.contains("-> eth41") && fits())
    desk.press(.character("i"), .end)
    #expect(fits())
    desk.press(.escape, .character("y"))
    guard case .planChange(.renameNICs(let request))? = desk.errands.all.last else { return #expect(Bool(false), "no plan was asked for") }
    desk.hears(.changePlanned(.success(try RenamePlanner(many).plan(request))))
    #expect(fits())
    desk.press(.character("y"))
    desk.hears(.changeOver(.done))
    #expect(desk.screen.contains("b reboot") && fits())
  }

  /// A reboot lies between: what is shown is looked up anew.
  @Test func itLooksAgainWhenXAPIIsBack() async throws {
    let simulated = try await SimulatedView(.standalone)
    let seen = try await simulated.view { $0.connection == .live }
    await simulated.close()
    var view = try #require(seen)
    var desk = desk(names)
    func looks() -> Int { desk.errands.names.filter { $0 == "lookAtNames" }.count }
    desk.sees(view)
    desk.tick()
    let before = looks()
    view.connection = .connecting
    desk.sees(view)
    desk.tick()
    #expect(looks() == before)
    view.connection = .live
    desk.sees(view)
    desk.tick()
    #expect(looks() == before + 1)
  }
}
