import Dom0
import XenAPI

/// What a NIC is used for, and what that means for another name.
public struct NICUse: Hashable, Sendable {
  /// In a few words: `management`, `bond0 member`, `VLANs 20, 30`; empty when it is used for nothing.
  public var words: [String] = []
  /// Why it cannot be renamed: sentences without a full stop that name it, each with what to do.
  public var reasons: [Reason] = []
  /// The network it feeds; empty when it is not known.
  public var network = ""
  /// VMs that run here and use its network.
  public var vms: [String] = []

  public struct Reason: Hashable, Sendable {
    public var text: String
    public var remedy: String

    public init(_ text: String, _ remedy: String) {
      self.text = text
      self.remedy = remedy
    }
  }

  public init() {}

  public var isFree: Bool { reasons.isEmpty }

  /// `management, 2 VLANs`; what there is to say of it in one line.
  public var line: String {
    var parts = words
    if !vms.isEmpty { parts.append(vms.count == 1 ? "1 VM" : "\(vms.count) VMs") }
    if parts.isEmpty { parts.append(network.isEmpty ? "unused" : network) }
    return parts.joined(separator: ", ")
  }

  fileprivate mutating func refuse(_ text: String, _ remedy: String) { reasons.append(Reason(text, remedy)) }
}

// MARK: As XAPI has it

extension NICUse {
  init(of device: String, _ scene: ChangeScene) {
    guard let node = scene.tree[device], node.kind == .nic else { return }
    let (tree, pif) = (scene.tree, node.pif)
    network = pif.network.flatMap { scene.database.networks[$0]?.nameLabel } ?? ""
    if tree.carriesManagement(node.ref) {
      words.append("management")
      let over = tree.management.map { $0.ref == node.ref ? "" : " (\($0.name))" } ?? ""
      refuse("\(device) carries management\(over)", "Move management to another interface first")
    }
    if let bond = tree.bond(ofMember: node.ref) {
      words.append("\(bond.name) member")
      refuse("\(device) is a member of \(bond.name)", "Destroy the bond first: xe bond-destroy uuid=\(bond.pif.bondMasterOf.first.flatMap { scene.database.bonds[$0]?.uuid } ?? "?")")
    }
    let vlans = tree.vlans(on: node.ref)
    if !vlans.isEmpty {
      let tags = vlans.map { "\($0.pif.vlan)" }.joined(separator: ", ")
      words.append(vlans.count == 1 ? "VLAN \(tags)" : "VLANs \(tags)")
      refuse("\(device) has \(vlans.count == 1 ? "VLAN" : "VLANs") \(tags)", "Destroy \(vlans.count == 1 ? "it" : "them") first, and make \(vlans.count == 1 ? "it" : "them") anew afterwards")
    }
    for upper in tree.nodes where upper.base == node.ref && (upper.kind == .tunnel || upper.kind == .sriov) {
      words.append(upper.kind == .tunnel ? "tunnel" : "SR-IOV")
      refuse("\(device) has \(upper.kind == .tunnel ? "the tunnel \(upper.name)" : "SR-IOV") on it", "Remove that first")
    }
    if !pif.management, pif.ipConfigurationMode != .none || pif.ipv6ConfigurationMode != .none {
      let address = pif.ip.isEmpty ? pif.ipv6.first { !$0.isEmpty } ?? "an address from \(pif.ipConfigurationMode.rawValue)" : pif.ip
      words.append(address)
      refuse("\(device) has \(address)", "Remove its address first: xe pif-reconfigure-ip uuid=\(pif.uuid) mode=none")
    }
    vms = Self.vms(on: pif.network, scene)
  }

  private static func vms(on network: Ref<Network>?, _ scene: ChangeScene) -> [String] {
    let vifs = network.flatMap { scene.database.networks[$0]?.vifs } ?? []
    let names = vifs.compactMap { ref -> String? in
      guard let vif = scene.database.vifs[ref], vif.currentlyAttached, let vm = vif.vm.flatMap({ scene.database.vms[$0] }),
        vm.residentOn == scene.host
      else { return nil }
      return vm.nameLabel
    }
    return Set(names).sorted { comesBefore($0, $1) }
  }
}

// MARK: As the host's own files have it

extension NICUse {
  /// - Parameter management: the bridge that the inventory names.
  init(of device: String, _ database: NetworkdDB, management: String?) {
    guard let bridge = database.bridge(using: device) else { return }
    network = bridge.name
    let uppers = database.bridges.filter { $0.vlan?.parent == bridge.name }
    if let management, management == bridge.name || uppers.contains(where: { $0.name == management }) {
      words.append("management")
      refuse("\(device) carries management (\(management))", "Move management to another interface first")
    }
    if let port = bridge.ports.first(where: { $0.isBond && $0.interfaces.contains(device) }) {
      words.append("\(port.name) member")
      refuse("\(device) is a member of \(port.name)", "Destroy the bond first, when XAPI answers")
    }
    let tags = uppers.compactMap { $0.vlan?.tag }.sorted().map { "\($0)" }.joined(separator: ", ")
    if !tags.isEmpty {
      words.append(uppers.count == 1 ? "VLAN \(tags)" : "VLANs \(tags)")
      refuse("\(device) has \(uppers.count == 1 ? "VLAN" : "VLANs") \(tags)", "Destroy them first, when XAPI answers")
    }
    if bridge.name != management, let interface = database.interface(bridge.name), interface.isAddressed {
      words.append("an address")
      refuse("\(device)'s bridge \(bridge.name) has an address", "Remove the address first, when XAPI answers")
    }
  }
}

extension NetworkdDB.Interface {
  fileprivate var isAddressed: Bool { ipv4 != .off || ipv6 != .off && ipv6 != .linkLocal }
}
