import XenAPI

/// The lines that do the same as an action by hand. What does not exist yet is looked up in the line itself, so that the
/// lines of a plan can be pasted into a shell one after the other.
struct ChangeCommands {
  let scene: ChangeScene

  func lines(_ action: ChangeAction) -> [String] {
    switch action {
    case .createNetwork(let name, _): ["NET=$(xe network-create name-label=\(ShellWord.quoted(name)))"]
    case .destroyNetwork(let mark): ["xe network-destroy uuid=\(network(.mark(mark)))"]
    case .createVLAN(let tag, let base, let choice):
      ["xe vlan-create pif-uuid=\(interface(base)) vlan=\(tag) network-uuid=\(network(choice))"]
    case .destroyVLAN(let tag, let base):
      ["xe vlan-destroy uuid=\(interface(SavedInterface.vlanName(Int64(tag), on: base)))"]
    case .plug(let name): ["xe pif-plug uuid=\(interface(name))"]
    case .unplug(let name): ["xe pif-unplug uuid=\(interface(name))"]
    case .setIPv4(let name, let settings): [line(name, settings)]
    case .setIPv6(let name, let settings): [line(name, settings)]
    case .setSearchDomains(let name, let domains): lines(name, domains)
    case .setPrimaryAddressType(let name, let family):
      ["xe pif-set-primary-address-type uuid=\(interface(name)) primary_address_type=\(family.rawValue.lowercased())"]
    case .manage(let name): ["xe host-management-reconfigure pif-uuid=\(interface(name))"]
    case .disableManagement: ["xe host-management-disable"]
    case .managePool(let uuid): ["xe pool-management-reconfigure network-uuid=\(uuid)"]
    case .recoverMembers: ["xe pool-recover-slaves"]
    case .setHostname(let name):
      ["xe host-set-hostname-live host-uuid=\(hostUUID) host-name=\(ShellWord.quoted(name))"]
    case .setLabel(let label): ["xe host-param-set uuid=\(hostUUID) name-label=\(ShellWord.quoted(label))"]
    case .setTimeServers, .setRemoteAccess: []
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: action.group?.commands(self) ?? []
    case .scanNICs: ["xe pif-scan host-uuid=\(hostUUID)"]
    case .introduceNIC(let device, let mac, let isManaged):
      ["xe pif-introduce host-uuid=\(hostUUID) device=\(device) mac=\(mac)" + (isManaged ? "" : " managed=false")]
    case .forgetNIC(let device): ["xe pif-forget uuid=\(interface(device))"]
    case .replug(let name): ["xe pif-plug uuid=\(interface(name))"]
    case .setOtherConfig(let name, let values):
      values.sorted { $0.key < $1.key }.map { key, value in
        value.map { "xe pif-param-set uuid=\(interface(name)) \(ShellWord.quoted("other-config:\(key)=\($0)"))" }
          ?? "xe pif-param-remove uuid=\(interface(name)) param-name=other-config param-key=\(key)"
      }
    case .setNetworkMTU(let uuid, let mtu): ["xe network-param-set uuid=\(uuid) MTU=\(mtu)"]
    case .applyMTU(let uuid, _, _): ["xe pif-plug uuid=\(uuid)"]
    case .moveVIFs(let vifs, _, let to): vifs.map { "xe vif-move uuid=\($0) network-uuid=\(to)" }
    case .setDisallowUnplug(let name, let isProtected): ["xe pif-param-set uuid=\(interface(name)) disallow-unplug=\(isProtected)"]
    case .setProperties(let name, let values):
      values.sorted { $0.key < $1.key }.map { "xe pif-param-set uuid=\(interface(name)) properties:\($0.key)=\($0.value)" }
    case .destroyBridgeNetwork(let bridge): ["xe network-destroy uuid=$(xe network-list bridge=\(bridge) --minimal)"]
    case .destroyEmptyNetwork(let uuid): ["xe network-destroy uuid=\(uuid)"]
    case .setFeatures, .setRings, .setLinkMode, .setFCoE, .putBackUnits, .setNICNames, .resetNICNames, .putBackNICNames:
      NICCommands.lines(action)
    }
  }

  var hostUUID: String { scene.database.hosts[scene.host]?.uuid ?? "?" }

  private func line(_ name: String, _ settings: IPv4Settings) -> String {
    var line = "xe pif-reconfigure-ip uuid=\(interface(name)) mode=\(settings.mode.rawValue.lowercased())"
    if !settings.address.isEmpty { line += " IP=\(settings.address)" }
    if !settings.netmask.isEmpty { line += " netmask=\(settings.netmask)" }
    if !settings.gateway.isEmpty { line += " gateway=\(settings.gateway)" }
    if !settings.dns.isEmpty { line += " DNS=\(settings.dns)" }
    return line
  }

  private func line(_ name: String, _ settings: IPv6Settings) -> String {
    var line = "xe pif-reconfigure-ipv6 uuid=\(interface(name)) mode=\(settings.mode.rawValue.lowercased())"
    if !settings.address.isEmpty { line += " IPv6=\(settings.address)" }
    if !settings.gateway.isEmpty { line += " gateway=\(settings.gateway)" }
    if !settings.dns.isEmpty { line += " DNS=\(settings.dns)" }
    return line
  }

  private func lines(_ name: String, _ domains: [String]) -> [String] {
    let uuid = interface(name)
    let set =
      domains.isEmpty
      ? "xe pif-param-remove uuid=\(uuid) param-name=other-config param-key=domain"
      : "xe pif-param-set uuid=\(uuid) \(ShellWord.quoted("other-config:domain=\(domains.joined(separator: ","))"))"
    return [set, "xe pif-plug uuid=\(uuid)"]
  }

  func interface(_ name: String) -> String {
    if let node = scene.tree[name] { return node.pif.uuid }
    // Made by an earlier step: NICs and VLANs are.
    let words = name.split(separator: " ")
    if words.count == 1 {
      return "$(xe pif-list host-uuid=\(hostUUID) device=\(ShellWord.quoted(name)) physical=true --minimal)"
    }
    guard words.count == 4, words[0] == "VLAN" else { return "?" }
    return "$(xe pif-list host-uuid=\(hostUUID) device=\(ShellWord.quoted(String(words[3]))) VLAN=\(words[1]) --minimal)"
  }

  func network(_ choice: NetworkChoice) -> String {
    switch choice {
    case .uuid(let uuid): uuid
    case .mark(let mark): scene.network(mark: mark).flatMap { scene.database.networks[$0]?.uuid } ?? "$NET"
    }
  }
}

/// Words of a command line, for people to copy. This program itself uses no shell.
enum ShellWord {
  /// A word as a shell takes it unchanged.
  static func quoted(_ word: String) -> String {
    let plain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
          || "-_.:,=/+@".utf8.contains(byte)
      }
    return plain
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
