import HostNetworking
import TerminalUI

/// From a NIC to a tested storage network: interface, VLAN, MTU, address, protection, and the test.
struct StoragePathScreen: Screen {
  private static let base = "base"
  private static let tag = "tag"
  private static let name = "name"
  private static let address = "address"
  private static let mtu = "mtu"
  private static let target = "target"
  private static let protected = "protected"
  private static let purpose = "purpose"

  private let first: String?
  private var bases: [String] = []
  private var facts: [AddressList.Row] = []
  private var problem: ChangeProblem?
  private var form: Form?
  private var asked: StorageRequest?

  init(_ interface: String?) { first = interface }

  let title = "Storage network"

  let help = [
    "A network of its own for storage, in one go: a NIC or bond, a VLAN on it if the switch wants one, an address, the largest packet, and "
      + "the protection against unplugging. Then the storage is tried, with packets of that size that may not be cut.",
    "Leave the VLAN empty for untagged. MTU 9000 only where the switch and the storage have it as well; a network that others are on keeps its own.",
    "No gateway: storage belongs on the link itself. Each host of the pool needs an address of its own; do this on each.",
  ]

  var errand: Errand? { .lookForChange }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if form == nil { return (problem == nil ? [] : [("r", "look again"), ("t", "toolstack")]) + [("Esc", "back"), ("?", "help")] }
    return [("Enter", "next, then review"), ("Tab", "next"), ("Left/Right", "choose"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .changeFacts(let result) = report, form == nil else { return .pass }
    switch result {
    case .failure(let problem): self.problem = problem
    case .success(let facts):
      bases = facts.vlanBases
      guard !bases.isEmpty else {
        problem = ChangeProblem("This host has no NIC or bond that is free for it")
        return .done
      }
      let free = AddressList(facts).rows.filter { row in bases.contains(row.interface) && !row.isManagement && row.addresses.isEmpty }.map(\.interface)
      // One with a link is more likely meant.
      let linked = free.first { name in context.host?.interfaces.first { $0.name == name }?.link.carries == true }
      let chosen = first.flatMap { bases.contains($0) ? $0 : nil } ?? linked ?? free.first ?? bases[0]
      self.facts = AddressList(facts).rows
      var form = Self.form(bases, chosen: chosen, mtu: self.facts.first { $0.interface == chosen }?.mtu ?? 1500)
      form.setHidden(true, Self.name)
      self.form = form
    }
    return .done
  }

  private static func form(_ bases: [String], chosen: String, mtu bytes: Int) -> Form {
    Form([
      .choice(id: base, label: "NIC or bond", bases, selected: bases.firstIndex(of: chosen) ?? 0),
      .text(id: tag, label: "VLAN tag", limit: 4, placeholder: "none: untagged", check: { $0.isEmpty ? nil : number($0, 0...4094, "a tag") }),
      .text(id: name, label: "  Its network", limit: 60, placeholder: "Storage and the tag"),
      .cidr(id: address, label: "Address", required: true, placeholder: "with its length: 10.0.20.11/24", check: { problem(address: $0) }),
      .text(id: mtu, label: "MTU", "\(bytes)", limit: 4, required: true, check: { number($0, 68...9216, "an MTU") }),
      .text(
        id: target, label: "Storage to try", limit: 45, placeholder: "its address; none: no test",
        check: { $0.isEmpty || InternetAddress($0) != nil ? nil : "\($0) is not an address" }),
      .text(id: purpose, label: "Purpose", "Storage", limit: 40),
      .choice(id: protected, label: "Unplugging", ["forbidden", "allowed"]),
    ])
  }

  private static func number(_ text: String, _ range: ClosedRange<Int>, _ what: String) -> String? {
    guard let number = Int(text), range.contains(number) else { return "\(what) is a number from \(range.lowerBound) to \(range.upperBound)" }
    return nil
  }

  private static func problem(address text: String) -> String? {
    do throws(AddressError) {
      _ = try IPv4Prefix(parsing: text)
      return nil
    } catch {
      return "\(error)"
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    guard var form else { return FactsToCome.handle(key, &problem) }
    let before = base(form)
    defer {
      // What was not typed follows the NIC.
      if let before, let now = base(form), now.interface != before.interface, form.value(Self.mtu) == "\(before.mtu)" { form.setText("\(now.mtu)", Self.mtu) }
      form.setHidden(form.value(Self.tag).isEmpty, Self.name)
      self.form = form
    }
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted:
      guard let request = request(form) else { return .done }
      asked = request
      return .open(ChangeReviewScreen(.addresses(.storage(request))))
    case .ignored: return .unused(key)
    }
  }

  /// What was chosen, as it is.
  private func base(_ form: Form) -> AddressList.Row? {
    guard let index = form.choice(Self.base), bases.indices.contains(index) else { return nil }
    return facts.first { $0.interface == bases[index] }
  }

  private func request(_ form: Form) -> StorageRequest? {
    guard let index = form.choice(Self.base), bases.indices.contains(index), let address = try? IPv4Prefix(parsing: form.value(Self.address)),
      let mtu = Int(form.value(Self.mtu))
    else { return nil }
    return StorageRequest(
      base: bases[index], tag: Int(form.value(Self.tag)), networkName: form.value(Self.name), address: address, mtu: mtu,
      purpose: form.value(Self.purpose), isProtected: form.choice(Self.protected) == 0, target: InternetAddress(form.value(Self.target)))
  }

  /// The test follows the change, in this page's place.
  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    guard choice == .changed, let asked else { return .done }
    guard let target = asked.target else { return .back }
    return .replace(PathTestScreen(PathTest(own: asked.address, target: target, mtu: asked.mtu), on: asked.interface))
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: min(8, max(0, area.rows - 12)), titles: (title, "What happens"))
    let inside = top.inset(left: 2, right: 2)
    if let problem {
      let facts = [Fact("", problem.text.sentence, style: .bad)] + (problem.remedy.map { [Fact("", $0.sentence)] } ?? [])
      FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
    } else if let form {
      form.draw(into: &frame, in: inside)
    } else {
      frame.draw("Looking ...", at: inside.origin, style: .dim, width: inside.columns)
    }
    let facts = about(context)
    FactRows(facts, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), facts)
  }

  /// The NIC as it is, then what is done.
  private func about(_ context: Context) -> [Fact] {
    guard let form, let index = form.choice(Self.base), bases.indices.contains(index) else { return Self.about }
    let name = bases[index]
    let view = context.host?.interfaces.first { $0.name == name }
    let row = facts.first { $0.interface == name }
    var words = [view?.link.carries == false ? "NO LINK" : nil, row.map { "network \"\($0.network)\"" }, row.map { "MTU \($0.mtu)" }].compactMap { $0 }
    if let row { words.append(row.addresses.isEmpty ? "no address" : row.addresses.joined(separator: ", ")) }
    return [Fact(name, words.joined(separator: ", "), style: view?.link.carries == false ? .warning : .normal)] + Self.about
  }

  private static let about = [
    Fact("1", "the VLAN and its network, if a tag is given"), Fact("2", "the MTU, from the NIC up"), Fact("3", "the address, without a gateway"),
    Fact("4", "purpose, and protection against unplugging"), Fact("5", "the test: the storage answers, and long packets arrive whole"),
  ]
}

/// Whether a storage answers and how long packets to it may be.
struct PathTestScreen: Screen {
  private let test: PathTest
  private let interface: String
  private var run = UInt64.random(in: 1...UInt64.max)
  private var result: PathTest.Result?

  init(_ test: PathTest, on interface: String) {
    self.test = test
    self.interface = interface
  }

  var title: String { "Test of \(interface)" }

  let help = [
    "The address is looked for in the kernel, the storage is pinged, and packets of the MTU's size are sent that may not be cut on the way.",
    "Packets that vanish without a word mean that a switch port or the storage has a smaller MTU: connections open, and transfers hang.",
  ]

  var errand: Errand? { .addresses(.test(test, run: run)) }

  func keys(_ context: Context) -> [(key: String, does: String)] { [("r", "test again"), ("Esc", "back"), ("?", "help")] }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .enter, .character("h"): return .back
    case .character("r"), .function(5):
      result = nil
      run = UInt64.random(in: 1...UInt64.max)
      return .ask(.addresses(.test(test, run: run)))
    default: return .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .addresses(.tested(let result, let run)) = report, run == self.run else { return .pass }
    self.result = result
    return .done
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let lines = lines
    FactRows(lines, columns: inside.columns).draw(into: &frame, in: inside, lines)
  }

  private var lines: [Fact] {
    let head = [Fact("", "To \(test.target) with packets of \(test.mtu) bytes", style: .strong), Fact("", "")]
    let found = (result?.lines ?? []).map { line in
      Fact("\(line.verdict.word) \(line.name)", line.text.sentence, style: line.verdict.style)
    }
    guard result?.isOver == true else { return head + found + [Fact("", "Asking ...", style: .dim)] }
    let end =
      result?.isGood == true
      ? Fact("", "The way to the storage is good.", style: .good)
      : Fact("", "Something is wrong: see above. r tests again. What was set up stays; the address of \(interface), in its actions, changes it or takes it back.", style: .bad)
    return head + found + [Fact("", ""), end]
  }
}

extension PathTest.Line.Verdict {
  fileprivate var word: String {
    switch self {
    case .good: "ok  "
    case .notice: "look"
    case .bad: "!!  "
    }
  }

  fileprivate var style: Style {
    switch self {
    case .good: .good
    case .notice: .warning
    case .bad: .bad
    }
  }
}
