import XenAPI

/// XAPI gets to know one NIC that the kernel has.
struct IntroducePlanner {
  private let device: String
  private let facts: PluggingFacts
  private let plugs: Bool

  init(_ device: String, _ facts: PluggingFacts, plugs: Bool) {
    self.device = device
    self.facts = facts
    self.plugs = plugs
  }

  private var intent: Intent { .introduceNIC(device, plugs: plugs) }
  private var title: String { "Let XAPI know \(device)" }

  func plan() -> ChangePlan {
    if facts.known.contains(device) {
      return .refusal(
        intent, title, [Hazard(.blocking, "XAPI has a record of \(device) already", remedy: "Plug it, or see it in the list of interfaces")])
    }
    guard let newcomer = facts.newcomers.first(where: { $0.name == device }) else { return .refusal(intent, title, [absence]) }
    guard newcomer.hasValidMAC else {
      return .refusal(
        intent, title,
        [Hazard(.blocking, "\(device) has no MAC address that XAPI takes: \(newcomer.device.mac ?? "none")", remedy: "Look at its driver")])
    }
    let introduce = facts.scene.step(
      .introduceNIC(device, mac: newcomer.device.mac ?? "", managed: true), undo: newcomer.undo)
    let plugging = plugs ? [facts.scene.step(.plug(device), undo: [.unplug(device)])] : []
    return ChangePlan(
      intent: intent, title: title, differences: [newcomer.difference(facts, plugs: plugs)],
      consequences: newcomer.consequences(facts, plugs: plugs),
      hazards: InterfaceGuards.offline(facts) + newcomer.hazards(facts), steps: ([introduce] + plugging).numbered)
  }

  /// COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS
  private var absence: Hazard {
    if facts.nics == nil { return Hazard(.blocking, "Which NICs the kernel has could not be read", remedy: "r looks again") }
    if let other = facts.devices?.first(where: { $0.name == device }) {
      return Hazard(.blocking, "\(other.name) is no NIC: the kernel has no hardware behind it", remedy: "Choose a NIC")
    }
    return Hazard(
      .blocking, "The kernel has no NIC \(device)", remedy: "Look whether the card is seated and its driver is there (lspci, dmesg)")
  }
}
