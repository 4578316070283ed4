import HostNetworking
import TerminalUI

/// What is said of NICs and their names.
struct NICNamesWords {
  private let editor: NICNameEditor
  private let isLooking: Bool

  init(_ editor: NICNameEditor, isLooking: Bool) {
    self.editor = editor
    self.isLooking = isLooking
  }

  // MARK: Of one

  func meaning(of nic: NICNames.NIC?) -> [Fact] {
    guard let nic else { return [] }
    var facts = choices
    let place = [
      nic.pci.isEmpty ? nil : "PCI \(nic.pci)", nic.driver.isEmpty ? nil : nic.driver, nic.card.physical.map { "place \($0)" },
      nic.card.label.map { "label \"\($0)\"" },
    ].compactMap { $0 }
    if !place.isEmpty { facts.append(Fact("", place.joined(separator: ", "))) }
    if let before = nic.nameBeforeAside {
      facts.append(
        Fact("", "Put aside: it was \(before), and giving it its name failed at the boot. A reboot tries again; /var/log/interface-rename.log says why.", style: .warning, mark: "!  "))
    }
    if let reason = nic.use.reasons.first {
      facts.append(Fact("", "Keeps its name: \(reason.text). \(reason.remedy.sentence)", style: .warning, mark: "*  "))
    } else if !nic.use.vms.isEmpty {
      facts.append(Fact("", "Network \"\(nic.use.network)\", used by \(nic.use.vms.joined(separator: ", "))."))
    }
    if let rule = editor.names.rule(of: nic.mac) {
      facts.append(
        Fact("", "Static rule: \(rule.name) by \(rule.method.rawValue) \"\(rule.value)\"." + (editor.changesStaticRules ? " It is changed too." : " s lets it be changed too.")))
    }
    if !nic.isRemembered { facts.append(Fact("", "The rules do not know it: it is new since the last boot.")) }
    return facts
  }

  /// What is chosen so far, old and new.
  private var choices: [Fact] {
    guard let outlook = editor.outlook, !outlook.affected.isEmpty else { return [] }
    let before = editor.names.nextNames
    let pairs = editor.names.nics.filter { outlook.affected.contains($0.mac) }
      .map { "\(before[$0.mac] ?? $0.name) -> \(outlook.names[$0.mac] ?? "?")" }
    return [Fact("", "Chosen: \(pairs.joined(separator: ", ")). y shows what it means.", style: .accent)]
  }

  // MARK: Of all

  /// What is odd, or left to do.
  var remarks: [Fact] {
    let names = editor.names
    switch names.scheme {
    case .order:
      return [
        Fact("", "")
      ] + names.remarks.map { Fact("", $0.sentence, style: .warning, mark: "!  ") } + [
        Fact("", "This release has no interface-rename. networkd keeps this order itself, by MAC and PCI address, and offers no way to change it; NICs keep the names of systemd. The bridge of position N is xenbrN."),
      ]
    case .none: return [Fact("", ""), Fact("", "This host has no interface-rename, and networkd tells of no order of NICs.", style: .warning)]
    case .rules: break
    }
    var facts: [Fact] = []
    if isLooking { facts.append(Fact("", "Waiting for XAPI: what NICs are used for is from the host's own files so far.", style: .dim)) }
    if let silence = names.silence { facts.append(Fact("", "\(silence.sentence) What NICs are used for is from networkd's file.", style: .warning, mark: "!  ")) }
    if let problem = names.problem {
      facts.append(Fact("", "No names can be changed: \(problem). R goes back to the rules of the installation.", style: .bad, mark: "!! "))
    }
    let waiting = names.nics.filter(\.waits)
    if !waiting.isEmpty {
      facts.append(Fact("", "\(waiting.map { "\($0.name) becomes \($0.nextName ?? "?")" }.joined(separator: ", ")) at the next boot: that is written already.", style: .strong, mark: "-  "))
    }
    if let first = names.leftovers.first {
      let more = names.leftovers.count > 1 ? " (and \(names.leftovers.count - 1) more)" : ""
      facts.append(Fact("", "\(first.text)\(more). f does it.", style: .warning, mark: "!  "))
    }
    facts += names.remarks.map { Fact("", $0.sentence, style: .warning, mark: "!  ") }
    for entry in names.absent.prefix(3) {
      facts.append(Fact("", "\(entry.name) was \(entry.mac) at \(entry.pci), which is not in the machine; it gets the name back if it is free.", style: .dim, mark: "-  "))
    }
    return facts.isEmpty ? facts : [Fact("", "")] + facts
  }
}
