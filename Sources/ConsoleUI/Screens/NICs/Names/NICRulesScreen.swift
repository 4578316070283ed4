import HostNetworking
import TerminalUI

/// The rules by which NICs are named, as they stand in the files, and what is odd about them.
struct NICRulesScreen: Screen {
  private let facts: [Fact]
  private var page = FactsPage()

  init(_ names: NICNames) { facts = Self.facts(names) }

  let title = "Rules for names"

  let help = [
    "Static rules win at every boot. Without one a NIC keeps the name of the last boot, known by its MAC and its PCI address; one that "
      + "replaces another in its slot takes over its name; new ones get the next number.",
    "Both files are in /etc/sysconfig/network-scripts/interface-rename-data; the vendor's program interface-rename writes them.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] { [("Up/Down", "scroll"), ("Esc", "back"), ("?", "help")] }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): .back
    default: page.handle(key, facts, room: FactsPage.room(room))
    }
  }

  mutating func settle(_ context: Context, room: Size) { page.settle(facts, room: FactsPage.room(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) { page.draw(into: &frame, in: area, title: title, facts) }

  private static func facts(_ names: NICNames) -> [Fact] {
    var facts: [Fact] = []
    func section(_ title: String, _ lines: [Fact], empty: String) {
      facts.append(Fact("", title, style: .heading))
      facts += lines.isEmpty ? [Fact("", empty, style: .dim, mark: "  ")] : lines
      facts.append(Fact("", ""))
    }
    let odd = (names.problem.map { [Fact("", $0.sentence, style: .bad, mark: "!! ")] } ?? [])
      + names.remarks.map { Fact("", $0.sentence, style: .warning, mark: "!  ") }
    if !odd.isEmpty { section("To look at", odd, empty: "") }
    if !names.leftovers.isEmpty {
      section("Left to do in XAPI", names.leftovers.map { Fact("", $0.text.sentence, style: .warning, mark: "!  ") }, empty: "")
    }
    if names.scheme == .order {
      section(
        "The order networkd keeps",
        names.order.map { Fact("\($0.position)", "\($0.name), \($0.mac)\($0.pci.map { " at \($0)" } ?? "")" + ($0.isPresent ? "" : ", not in the machine")) },
        empty: "none")
      section(
        "The installer's order, for networkd's first start",
        ((try? names.initialRules?.get())?.rules ?? []).map { Fact("\($0.position)", "\($0.method.rawValue) \($0.value)") }, empty: "none")
      return facts
    }
    let fixed = (try? names.staticRules?.get())?.rules ?? []
    section(
      "Static rules (win at every boot)",
      fixed.map { rule in
        let nic = RenameLogic.card(of: rule, in: names.cards)
        return Fact(rule.name, "\(rule.method.rawValue) \(rule.value)" + (nic.map { ", now \($0.name)" } ?? ", which is not there"))
      }, empty: "none")
    let rules = try? names.dynamicRules?.get()
    section(
      "Names of the last boot, or as set for the next one",
      (rules?.lastBoot ?? []).sorted { comesBefore($0.name, $1.name) }.map { entry in
        Fact(entry.name, "\(entry.mac) at \(entry.pci)" + (names[mac: entry.mac] == nil ? ", not in the machine" : ""))
      }, empty: "none")
    section("NICs that are gone", (rules?.old ?? []).map { Fact($0.name, "\($0.mac) at \($0.pci)") }, empty: "none")
    let new = names.nics.filter { !$0.isRemembered }
    section("NICs that the rules do not know", new.map { Fact($0.name, "\($0.mac) at \($0.pci)" + ($0.nextName.map { ", \($0) at the next boot" } ?? "")) }, empty: "none")
    return facts
  }
}
