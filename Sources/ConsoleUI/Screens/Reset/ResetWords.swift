import HostNetworking
import TerminalUI

/// How the console speaks of what a reset needs to know.
extension ResetFacts {
  /// What this host is, and for a member whether its coordinator can be reached.
  var roleFact: Fact {
    switch role {
    case .standalone: Fact("Pool", "single host")
    case .coordinator(let hosts): Fact("Pool", "coordinator of \(hosts) hosts: reset it first, its members afterwards")
    case .coordinatorOrStandalone: Fact("Pool", "coordinator, or a single host: reset it before its members")
    case .member(let coordinator): memberFact(coordinator)
    case .broken(let why): Fact("Pool", "not known: \(why)", style: .bad)
    }
  }

  private func memberFact(_ coordinator: String) -> Fact {
    switch coordinatorReach {
    case .notAsked: Fact("Pool", "member; coordinator \(coordinator)")
    case .answers(let milliseconds): Fact("Pool", "member; coordinator \(coordinator) answers (\(milliseconds) ms)")
    case .silent(let why):
      Fact("Pool", "member; coordinator \(coordinator) does not answer from here now: \(why)", style: .warning)
    }
  }

  var deletedFact: Fact {
    let what = deleted.isEmpty ? "nothing: no bonds, VLANs, tunnels or SR-IOV here" : deleted.joined(separator: ", ")
    return switch deletedSource {
    case .nobody: Fact("Deleted", "every bond, VLAN, tunnel and SR-IOV of this host; which, nobody can tell now", style: .warning)
    default: Fact("Deleted", what)
    }
  }

  var keptFact: Fact {
    let counts = [networks.map { Units.count($0, "network") }, vifs.map { Units.count($0, "VIF") }].compactMap { $0 }
    return Fact("Kept", (counts + ["all VMs and disks"]).joined(separator: ", "))
  }

  func vmsFact(_ context: Context) -> Fact {
    guard !runningVMs.isEmpty else {
      return runningVMsSource == .nobody
        ? Fact("VMs", "which run, nobody can tell now; the reboot ends them", style: .warning) : Fact("VMs", "none runs here")
    }
    let names = runningVMs.map(\.name).joined(separator: " ")
    var text = "\(Units.count(runningVMs.count, "VM")) still \(runningVMs.count == 1 ? "runs" : "run"): \(names)"
    if case .savedDatabase(let moment) = runningVMsSource { text += " (as of \(Units.age(max(0, context.now.wall - moment))) ago)" }
    return Fact("VMs", text, style: .warning)
  }

  /// Where anything blocks, nothing else matters.
  static func facts(of hazards: [Hazard]) -> [Fact] {
    hazards.sorted { $0.weight > $1.weight }.flatMap { hazard -> [Fact] in
      let (mark, style): (String, Style) =
        switch hazard.weight {
        case .blocking: ("!! ", .bad)
        case .warning: ("!  ", .warning)
        case .notice: ("   ", .normal)
        }
      let remedy = hazard.remedy.map { [Fact("", $0.sentence, mark: "   ")] } ?? []
      return [Fact("", hazard.text.sentence, style: style, mark: mark)] + remedy
    }
  }
}

extension ResetDevice {
  var linkWord: String {
    switch link {
    case .up: "up"
    case .down: "DOWN"
    case .off: "off"
    case .unknown: "?"
    }
  }

  var speedWords: String { speed.map(Units.speed) ?? "-" }
}

extension ResetRequest {
  var interfaceWords: String { vlan.map { "\(device), VLAN \($0)" } ?? "\(device), no VLAN" }
}

extension ResetSettings {
  var interfaceWords: String {
    guard let device else { return "not known" }
    let bond = members.isEmpty ? "" : " (\(members.joined(separator: ", ")))"
    return "\(device)\(bond), " + (vlan.map { "VLAN \($0)" } ?? "no VLAN")
  }
}

extension ResetRequest.IPv4 {
  var words: String {
    switch self {
    case .none: "none"
    case .dhcp: "DHCP"
    case .fixed(let prefix, let gateway): "\(prefix)" + (gateway.map { " gw \($0)" } ?? ", no gateway")
    }
  }
}

extension ResetRequest.IPv6 {
  var words: String {
    switch self {
    case .none: "none"
    case .dhcp: "DHCP"
    case .autoconf: "autoconf"
    case .fixed(let prefix, let gateway): "\(prefix)" + (gateway.map { " gw \($0)" } ?? ", no gateway")
    }
  }
}

extension ResetJournal {
  /// `eth2, no VLAN, IPv4 10.0.4.12/24 gw 10.0.4.1`.
  var summary: String {
    var parts = [request.interfaceWords]
    if request.ipv4 != .none { parts.append("IPv4 \(request.ipv4.words)") }
    if request.ipv6 != .none { parts.append("IPv6 \(request.ipv6.words)") }
    return parts.joined(separator: ", ")
  }
}

extension ResetStanding {
  /// The same as long as there is nothing new to be said.
  var mark: String {
    let stamp = journal?.stamp ?? ""
    return switch self {
    case .none: ""
    case .interrupted: "interrupted \(stamp)"
    case .waitingForReboot: "reboot \(stamp)"
    case .waitingForXAPI: "XAPI \(stamp)"
    case .carriedOut: "done \(stamp)"
    case .damaged: "damaged"
    }
  }
}
