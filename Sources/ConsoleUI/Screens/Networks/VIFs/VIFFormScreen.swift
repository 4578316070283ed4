import HostNetworking
import TerminalUI

/// A new VIF of a VM on a network: what may be left out.
struct VIFFormScreen: Screen {
  private static let mac = "mac"
  private static let device = "device"

  private let vm: VIFList.Thing
  private let network: VIFList.Thing
  private var form: Form

  var title: String { "New VIF of \(vm.name)" }

  let help = [
    "Both may be left empty: a MAC is made up, and the first position is taken that is free.",
    "Position 0 is what the VM sees as its first NIC. A VIF of a VM that runs is plugged at once, if its system can take it.",
  ]

  init(_ vm: VIFList.Thing, _ network: VIFList.Thing) {
    self.vm = vm
    self.network = network
    form = Form([
      .text(id: Self.device, label: "Position", limit: 3, placeholder: "first free", check: { Self.problem(device: $0) }),
      .text(id: Self.mac, label: "MAC", limit: 17, placeholder: "made up", check: { Self.problem(mac: $0) }),
    ])
  }

  private static func problem(device text: String) -> String? {
    text.isEmpty || text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? nil : "a position is a number, 0 for the first"
  }

  private static func problem(mac text: String) -> String? {
    text.isEmpty || VIFDraft.isMAC(text) ? nil : "six bytes such as 02:16:3e:00:00:01"
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, then review"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted:
      let draft = VIFDraft(vm: vm.uuid, network: network.uuid, device: form.value(Self.device), mac: form.value(Self.mac).lowercased())
      return .open(ChangeReviewScreen(.vifs(.create(draft))))
    case .ignored: return .unused(key)
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: min(5, max(0, area.rows - 8)), titles: (title, "Where"))
    form.draw(into: &frame, in: top.inset(left: 2, right: 2))
    let facts = [
      Fact("VM", "\(vm.name), \(vm.about)\(vm.place.isEmpty ? "" : " on \(vm.place)")"),
      Fact("Network", "\(network.name): \(network.about)"),
    ]
    FactRows(facts, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), facts)
  }
}
