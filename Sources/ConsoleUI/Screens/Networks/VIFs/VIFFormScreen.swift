import HostNetworking
import TerminalUI

/// A new VIF, or another network for one.
struct VIFFormScreen: Screen {
  private static let vm = "vm"
  private static let network = "network"
  private static let mac = "mac"
  private static let device = "device"

  private let list: VIFList
  private let vif: VIFList.Row?
  private var form: Form

  var title: String { vif.map { "Move VIF \($0.device) of \($0.vm)" } ?? "New VIF" }

  let help = ["Left and Right choose. A MAC is made up when none is given, and the first position is taken that is free. A VIF of a VM that runs is plugged at once."]

  init(_ list: VIFList, network: String?, vif: VIFList.Row?) {
    self.list = list
    self.vif = vif
    let place = network ?? vif?.networkUUID
    let networks = FormField.choice(
      id: Self.network, label: "Network", list.networks.choices, selected: list.networks.firstIndex { $0.uuid == place } ?? 0)
    form = Form(
      vif == nil
        ? [
          .choice(id: Self.vm, label: "VM", list.vms.isEmpty ? ["there is none"] : list.vms.choices), networks,
          .text(id: Self.device, label: "Position", limit: 24, placeholder: "the first that is free", check: { Self.problem(device: $0) }),
          .text(id: Self.mac, label: "MAC", limit: 17, placeholder: "made up"),
        ] : [networks])
  }

  private static func problem(device text: String) -> String? {
    text.isEmpty || text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? nil : "a position is a number, 0 for the first"
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, then review"), ("Left/Right", "choose"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted:
      guard let place = form.choice(Self.network), list.networks.indices.contains(place) else { return .done }
      let network = list.networks[place].uuid
      if let vif { return .open(ChangeReviewScreen(.vifs(.move(vif: vif.uuid, network: network)))) }
      guard let owner = form.choice(Self.vm), list.vms.indices.contains(owner) else { return .done }
      return .open(
        ChangeReviewScreen(
          .vifs(
            .create(VIFDraft(vm: list.vms[owner].uuid, network: network, device: form.value(Self.device), mac: form.value(Self.mac))))))
    case .ignored: return .unused(key)
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    form.draw(into: &frame, in: area.inset(left: 2, top: 2, right: 2, bottom: 1))
  }
}
