import HostNetworking
import TerminalUI
import XenAPI

/// The fields that forms about networks have in common.
enum NetworkFields {
  static let name = "name"
  static let description = "description"
  static let mtu = "mtu"
  static let locking = "locking"
  static let labels = "labels"

  static let lockingModes: [LockingMode] = [.unlocked, .disabled]
  static let lockingWords = ["unlocked: VIFs may send from any address", "disabled: VIFs send and receive nothing"]

  static func name(_ text: String) -> FormField { .text(id: name, label: "Name", text, limit: 120, required: true) }

  static func description(_ text: String) -> FormField {
    .text(id: description, label: "Description", text, limit: 250, placeholder: "none")
  }

  static func mtu(_ mtu: Int) -> FormField {
    .text(id: self.mtu, label: "MTU", "\(mtu)", limit: 5, required: true, check: { problem(ofMTU: $0) })
  }

  static func locking(_ mode: LockingMode) -> FormField {
    .choice(id: locking, label: "Locking", lockingWords, selected: lockingModes.firstIndex(of: mode) ?? 0)
  }

  static func text(_ tags: [String]) -> String { tags.joined(separator: ", ") }

  static func labels(_ tags: [String]) -> FormField {
    .text(id: labels, label: "Labels", text(tags), limit: 200, placeholder: "none; parted by commas")
  }

  static func problem(ofMTU text: String) -> String? {
    if text.isEmpty { return nil }
    let range = NetworkDraft.mtuRange
    guard let mtu = Int(text), range.contains(mtu) else { return "bytes, from \(range.lowerBound) to \(range.upperBound)" }
    return nil
  }

  static func labels(in text: String) -> [String] {
    var seen: Set<String> = []
    return text.split(separator: ",").map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
      .filter { !$0.isEmpty && seen.insert($0).inserted }
  }

  static func locking(_ form: Form) -> LockingMode { lockingModes[form.choice(locking) ?? 0] }
}
