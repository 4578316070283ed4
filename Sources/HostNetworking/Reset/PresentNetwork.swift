import Dom0

/// What carries management today, by the host's own files: networkd.db, and management.conf where that is missing.
struct PresentNetwork {
  var settings = ResetSettings()
  var problems: [String] = []

  init(_ system: HostSystem, bridge: String) {
    do throws(HostFileError) {
      let database = try NetworkdDB(of: system)
      if take(database, bridge) { return }
    } catch .missing {
      // networkd then uses management.conf, and so does this.
    } catch { problems.append("\(error)") }
    do throws(HostFileError) {
      take(try ManagementConf(of: system))
    } catch { problems.append("\(error)") }
  }

  private mutating func take(_ database: NetworkdDB, _ bridge: String) -> Bool {
    guard let found = database.settings(ofBridge: bridge) else { return false }
    settings = ResetSettings(found, source: "networkd.db")
    let base = database.bridge(bridge)?.vlan?.parent ?? bridge
    if let bond = database.bridge(base)?.ports.first(where: \.isBond) {
      settings.device = bond.name
      settings.members = bond.interfaces
    }
    return true
  }

  private mutating func take(_ conf: ManagementConf) {
    guard let found = conf.settings else { return }
    settings = ResetSettings(found, source: "management.conf")
  }
}

extension ResetSettings {
  init(_ settings: ManagementSettings, source: String) {
    self.init()
    self.source = source
    device = settings.device
    vlan = settings.vlan
    dns = settings.dns.compactMap { InternetAddress($0) }
    searchDomains = settings.searchDomains
    switch settings.ipv4 {
    case .off: ipv4 = .none
    case .dhcp: ipv4 = .dhcp
    case .static(let address, let netmask, let gateway):
      guard let address = IPv4Address(address), let length = try? IPv4Prefix.length(ofNetmask: netmask) else { break }
      ipv4 = .fixed(IPv4Prefix(address, length: length), gateway: gateway.flatMap { IPv4Address($0) })
    }
    switch settings.ipv6 {
    case .off: ipv6 = .none
    case .dhcp: ipv6 = .dhcp
    case .autoconf: ipv6 = .autoconf
    case .static(let address, let gateway):
      guard let prefix = try? IPv6Prefix(parsing: address) else { break }
      ipv6 = .fixed(prefix, gateway: gateway.flatMap { IPv6Address($0) })
    }
  }
}

/// What each NIC is used for, by networkd.db.
struct DeviceUse {
  private let database: NetworkdDB?
  private let managementBridge: String

  init(_ system: HostSystem, managementBridge: String) {
    database = try? NetworkdDB(of: system)
    self.managementBridge = managementBridge
  }

  /// - Parameter network: the name of the network on a bridge.
  func words(for nic: String, network: (String) -> String?) -> String {
    guard let database else { return "" }
    guard let bridge = database.bridge(using: nic) else { return "unused" }
    let managementBase = database.bridge(managementBridge)?.vlan?.parent ?? managementBridge
    let isManagement = bridge.name == managementBase
    if let bond = bridge.ports.first(where: { $0.isBond && $0.interfaces.contains(nic) }) {
      return "member of \(bond.name)" + (isManagement ? ", management" : "")
    }
    if isManagement { return "management" }
    return network(bridge.name).map { "network \"\($0)\"" } ?? "bridge \(bridge.name)"
  }
}

/// The names NICs have by the rules of the installation, as far as a MAC or a PCI address tells.
struct InstalledNames {
  private let fixed: StaticRules?
  private let dynamic: DynamicRules?
  private let changesAnything: Bool

  init(of system: HostSystem) {
    func copy(_ live: String) -> [UInt8]? {
      RenameRules.fromInstall.first { $0.live == live }.flatMap { try? system.read($0.copy) }
    }
    fixed = copy(RenameRules.staticPath).flatMap { try? StaticRules(parsing: $0) }
    dynamic = copy(RenameRules.dynamicPath).flatMap { try? DynamicRules(parsing: $0) }
    changesAnything = RenameRules.fromInstall.contains { pair in
      guard let installed = try? system.read(pair.copy) else { return false }
      return (try? system.read(pair.live)) != installed
    }
  }

  /// What `interface-rename` will call a NIC of this MAC, or in this slot (`reference/dom0.md` §1.6, the simple cases).
  func name(of nic: NetworkDevice) -> ResetDevice.NameAfterReset {
    guard changesAnything else { return .same }
    let mac = nic.mac ?? ""
    let pci = nic.hardware?.address ?? ""
    func isSlot(_ text: String) -> Bool { text == pci || text == pci + "[0]" }
    if let rule = fixed?.rules.first(where: { rule in
      rule.method == .mac ? rule.value == mac : rule.method == .pci && isSlot(rule.value)
    }) {
      return rule.name == nic.name ? .same : .other(rule.name)
    }
    guard let entry = dynamic?.lastBoot.first(where: { $0.mac == mac }),
      fixed?.rules.contains(where: { $0.name == entry.name }) != true
    else { return .unknown }
    return entry.name == nic.name ? .same : .other(entry.name)
  }
}
