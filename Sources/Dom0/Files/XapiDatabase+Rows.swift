extension XapiDatabase {
  /// The tables and columns that are kept.
  static let columns: [String: Set<String>] = [
    "pool": ["ref", "uuid", "name_label", "name__label", "master", "ha_enabled", "redo_log_enabled"],
    "host": ["ref", "uuid", "name__label", "hostname", "address", "software_version"],
    "network": [
      "ref", "uuid", "name__label", "name__description", "bridge", "MTU", "managed", "other_config", "tags", "purpose",
      "default_locking_mode",
    ],
    "PIF": [
      "ref", "uuid", "device", "MAC", "network", "host", "VLAN", "management", "physical", "currently_attached",
      "managed",
      "disallow_unplug", "ip_configuration_mode", "IP", "netmask", "gateway", "DNS", "ipv6_configuration_mode", "IPv6",
      "ipv6_gateway", "primary_address_type", "MTU", "bond_slave_of", "other_config", "properties",
    ],
    "Bond": [
      "ref", "uuid", "master", "slaves", "primary_slave", "mode", "properties", "other_config", "auto_update_mac",
    ],
    "VLAN": ["ref", "uuid", "tag", "tagged_PIF", "untagged_PIF", "other_config"],
    "tunnel": ["ref", "uuid", "access_PIF", "transport_PIF", "protocol", "other_config"],
    "network_sriov": ["ref", "uuid", "physical_PIF", "logical_PIF"],
    "VM": [
      "ref", "uuid", "name__label", "power_state", "resident_on", "is_control_domain", "is_a_template", "is_a_snapshot",
    ],
    "VIF": ["ref", "uuid", "device", "VM", "network", "MAC", "currently_attached"],
    "Cluster_host": ["ref", "uuid", "host", "PIF", "enabled"],
  ]

  mutating func add(_ row: XapiRow, to table: String) {
    switch table {
    case "pool": pool = Pool(row)
    case "host": hosts.append(Host(row))
    case "network": networks.append(Network(row))
    case "PIF": pifs.append(PIF(row))
    case "Bond": bonds.append(Bond(row))
    case "VLAN": vlans.append(VLAN(row))
    case "tunnel": tunnels.append(Tunnel(row))
    case "network_sriov": sriovs.append(SRIOV(row))
    case "VM": vms.append(VM(row))
    case "VIF": vifs.append(VIF(row))
    case "Cluster_host": clusterHosts.append(ClusterHost(row))
    default: break
    }
  }
}

extension XapiDatabase.Pool {
  init(_ row: XapiRow) {
    // The data model has a pool's label outside of the group "name" that other classes keep theirs in.
    let name = row.text("name_label")
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), name: name.isEmpty ? row.text("name__label") : name,
      master: row.reference("master"), isHAEnabled: row.flag("ha_enabled"),
      isRedoLogEnabled: row.flag("redo_log_enabled"))
  }
}

extension XapiDatabase.Host {
  init(_ row: XapiRow) {
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), name: row.text("name__label"), hostname: row.text("hostname"),
      address: row.text("address"), softwareVersion: row.map("software_version"))
  }
}

extension XapiDatabase.Network {
  init(_ row: XapiRow) {
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), name: row.text("name__label"),
      description: row.text("name__description"), bridge: row.text("bridge"), mtu: row.number("MTU"),
      isManaged: row.flag("managed", true), otherConfig: row.map("other_config"), tags: row.set("tags"),
      purpose: row.set("purpose"), lockingMode: row.text("default_locking_mode"))
  }
}

extension XapiDatabase.PIF {
  init(_ row: XapiRow) {
    let tag = row.number("VLAN") ?? -1
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), device: row.text("device"), mac: row.text("MAC"),
      network: row.reference("network"), host: row.reference("host"), vlan: tag < 0 ? nil : tag,
      isManagement: row.flag("management"), isPhysical: row.flag("physical"),
      isAttached: row.flag("currently_attached"), isManaged: row.flag("managed", true),
      disallowsUnplug: row.flag("disallow_unplug"), ipMode: row.text("ip_configuration_mode"), ip: row.text("IP"),
      netmask: row.text("netmask"), gateway: row.text("gateway"),
      dns: row.text("DNS").split(separator: ",").map { String($0) }, ipv6Mode: row.text("ipv6_configuration_mode"),
      ipv6: row.set("IPv6").filter { !$0.isEmpty }, ipv6Gateway: row.text("ipv6_gateway"),
      primaryAddressType: row.text("primary_address_type"), mtu: row.number("MTU"),
      bond: row.reference("bond_slave_of"),
      otherConfig: row.map("other_config"), properties: row.map("properties"))
  }
}

extension XapiDatabase.Bond {
  init(_ row: XapiRow) {
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), interface: row.reference("master"), members: row.set("slaves"),
      primaryMember: row.reference("primary_slave"), mode: row.text("mode"), properties: row.map("properties"),
      otherConfig: row.map("other_config"), takesMembersMAC: row.flag("auto_update_mac", true))
  }
}

extension XapiDatabase.VLAN {
  init(_ row: XapiRow) {
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), tag: row.number("tag"), tagged: row.reference("tagged_PIF"),
      untagged: row.reference("untagged_PIF"), otherConfig: row.map("other_config"))
  }
}

extension XapiDatabase.Tunnel {
  init(_ row: XapiRow) {
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), access: row.reference("access_PIF"),
      transport: row.reference("transport_PIF"), protocol: row.text("protocol"), otherConfig: row.map("other_config"))
  }
}

extension XapiDatabase.SRIOV {
  init(_ row: XapiRow) {
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), physical: row.reference("physical_PIF"),
      logical: row.reference("logical_PIF"))
  }
}

extension XapiDatabase.VM {
  init(_ row: XapiRow) {
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), name: row.text("name__label"), powerState: row.text("power_state"),
      residentOn: row.reference("resident_on"), isControlDomain: row.flag("is_control_domain"),
      isTemplate: row.flag("is_a_template"), isSnapshot: row.flag("is_a_snapshot"))
  }
}

extension XapiDatabase.VIF {
  init(_ row: XapiRow) {
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), device: row.text("device"), vm: row.reference("VM"),
      network: row.reference("network"), mac: row.text("MAC"), isAttached: row.flag("currently_attached"))
  }
}

extension XapiDatabase.ClusterHost {
  init(_ row: XapiRow) {
    self.init(
      ref: row.text("ref"), uuid: row.text("uuid"), host: row.reference("host"), interface: row.reference("PIF"),
      isEnabled: row.flag("enabled"))
  }
}
