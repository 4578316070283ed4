import HostNetworking

/// What the switch at the other end of the cable says of itself, or why that is not known and what to do.
struct LLDPWords {
  let text: String
  let isKnown: Bool

  init(_ part: NICDetails.Part<NICDetails.Answer>?, of device: String) {
    switch part {
    case nil, .asking: (text, isKnown) = ("being asked for (LLDP)", false)
    case .known(.neighbour(let neighbour)): (text, isKnown) = (Self.words(neighbour), true)
    case .known(.silence):
      (text, isKnown) = ("nothing heard by LLDP: the switch does not speak it, or has not yet", false)
    case .known(.deaf):
      (text, isKnown) = ("not listened for. Listen: lldptool set-lldp -i \(device) adminStatus=rx", false)
    case .failed(let failure): (text, isKnown) = (Self.words(failure), false)
    }
  }

  private static func words(_ neighbour: NICDetails.Neighbour) -> String {
    let name = neighbour.system ?? neighbour.chassis ?? "a switch without a name"
    var parts = [name + (neighbour.port.map { ", port \($0)" } ?? "")]
    if let description = neighbour.portDescription, description != neighbour.port { parts.append("\"\(description)\"") }
    if let vlan = neighbour.vlan { parts.append("VLAN \(vlan)") }
    parts += neighbour.addresses
    return parts.joined(separator: ", ")
  }

  private static func words(_ failure: NICDetails.Failure) -> String {
    switch failure {
    case .tool(.missing): "not known: install lldpad (lldptool) to learn it"
    case .tool(.filesOnly): "not asked: these are only files"
    case .refused(_, _, let message) where message.contains("refused") || message.contains("connect"):
      "not known: lldpad does not run. Start it: systemctl start lldpad"
    default: "not known: \(failure)"
    }
  }
}
