import HostNetworking
import TerminalUI
import XenAPI

// How things of the host are put into words, the same on every screen.

extension LinkState {
  /// Fits 7 columns.
  var word: String {
    switch self {
    case .up: "up"
    case .down: "DOWN"
    case .partly(let up, let all): up == 0 ? "DOWN" : "\(up)/\(all)"
    case .unknown: "?"
    }
  }

  var style: Style {
    switch self {
    case .up: .good
    case .down: .bad
    case .partly(let up, let all): up == all ? .good : up == 0 ? .bad : .warning
    case .unknown: .dim
    }
  }
}

extension BondMode {
  var word: String {
    switch self {
    case .lacp: "LACP"
    case .activeBackup: "active-backup"
    case .balanceSLB: "balance-slb"
    default: rawValue
    }
  }
}

extension IPConfigurationMode {
  var word: String {
    switch self {
    case .none: "none"
    case .dhcp: "DHCP"
    case .static: "static"
    case .autoconf: "autoconf"
    default: rawValue
    }
  }
}

extension InterfaceView {
  var kindWords: String {
    switch kind {
    case .nic: "NIC"
    case .bond(let mode, let members): "bond of \(members.joined(separator: " and ")), \(mode.word)"
    case .vlan(let tag, let base): "VLAN \(tag) on \(base)"
    case .tunnel(let encapsulation, let base): "\(encapsulation.rawValue.uppercased()) tunnel over \(base)"
    case .sriov(let base): "SR-IOV on \(base)"
    }
  }

  /// `Intel X710, i40e`; empty for what is not a card.
  var card: String {
    let short = vendor.replacing(" Corporation", with: "").replacing(", Inc.", with: "").replacing(" Inc.", with: "")
    return [[short, model].filter { !$0.isEmpty }.joined(separator: " "), driver]
      .filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// `up, 10 Gb/s, full duplex`.
  /// Nobody has set it up: no broken cable.
  var isOff: Bool { kernel?.isOff == true && link == .down }

  /// Fits 7 columns.
  var linkWord: String { isOff ? "off" : link.word }

  var linkStyle: Style { isOff ? .dim : link.style }

  var linkWords: String {
    var words: String =
      switch link {
      case .up: "up"
      case .down: isOff ? "off: nobody has set it up" : "DOWN: no carrier"
      case .partly(let up, let all): "\(up) of \(all) links up"
      case .unknown: kernel?.isMissing == true ? "NOT THERE: the kernel has no such card" : "not known"
      }
    if speed != nil { words += ", \(speedWords)" }
    return duplexWord.isEmpty ? words : words + ", \(duplexWord)"
  }

  var speedWords: String { speed.map { $0 > 0 ? Units.speed($0) : "?" } ?? "-" }

  var duplexWord: String { fullDuplex.map { $0 ? "full duplex" : "HALF DUPLEX" } ?? "" }

  /// One line for one address family: `static 10.0.4.11/24, gateway 10.0.4.1`.
  func words(_ addressing: Addressing) -> String {
    var text = addressing.mode.word
    if !addressing.addresses.isEmpty {
      text += " " + addressing.addresses.joined(separator: " ")
    } else if addressing.mode != .none {
      text += ", no address"
    }
    return addressing.gateway.isEmpty ? text : text + ", gateway \(addressing.gateway)"
  }
}

extension NetworkView {
  /// Fits about 18 columns: what makes it a network.
  var kindWords: String {
    if let memberOf { return "\(interfaceName) in \(memberOf)" }
    return switch kind {
    case .external, .bond, .sriov, .tunnel: interfaceName.isEmpty ? "not on this host" : interfaceName
    case .vlan(let tag): interfaceName.isEmpty ? "VLAN \(tag), not here" : interfaceName
    case .privateToHost: "private"
    case .hostInternal: "host internal"
    }
  }

  /// The sentence for the details.
  var kindSentence: String {
    if let memberOf { return "No traffic of its own: \(interfaceName) is in \(memberOf)" }
    return switch kind {
    case .external: "External, through \(interfaceName.isEmpty ? "other hosts only" : interfaceName)"
    case .bond: "Bonded, through \(interfaceName.isEmpty ? "other hosts only" : interfaceName)"
    case .vlan(let tag): interfaceName.isEmpty ? "VLAN \(tag), not on this host" : interfaceName
    case .tunnel: "Private between hosts, \(interfaceName.isEmpty ? "not on this host" : "through \(interfaceName)")"
    case .sriov: "SR-IOV, through \(interfaceName.isEmpty ? "other hosts only" : interfaceName)"
    case .privateToHost: "Private: between the VMs of one host, no way out"
    case .hostInternal: "XAPI's own, between the control domain and guests"
    }
  }
}

extension PoolRole {
  var words: String {
    switch self {
    case .unknown: ""
    case .standalone: "single host"
    case .coordinator(let pool, let hosts):
      hosts == 0 ? "coordinator" : pool.isEmpty ? "coordinator of \(hosts) hosts" : "coordinator of \"\(pool)\""
    case .member(_, "", let address): "member of pool at \(address)"
    case .member(_, let coordinator, let address):
      "member of \(coordinator)" + (address.isEmpty ? "" : " \(address)")
    }
  }
}
