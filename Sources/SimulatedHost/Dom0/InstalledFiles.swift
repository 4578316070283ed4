import JSON

/// Files that the installer, packages and administrators left; written once, when the tree is made.
extension SimulatedHost {
  func writeInstalledFiles() throws(SimulationError) {
    guard let tree = dom0.tree else { return }
    var entries = installedEntries()
    entries.merge(serviceEntries()) { $1 }
    if layout.hasSystemd { entries["/run/systemd/system"] = .folder }
    if layout.hasInterfaceRename {
      entries.merge(InterfaceRename.entries(ownCards)) { $1 }
    } else {
      let order = ownCards.map { "\($0.position):mac=\"\($0.mac.uppercased())\"\n" }
      entries["/etc/firstboot.d/data/initial_network_device_rules.conf"] = .text(order.joined())
    }
    for folder in ["/run", "/var", "/tmp", "/var/tmp", "/dev/shm", "/etc", "/var/lib/xcp"] {
      try tree.put(folder, .folder)
    }
    let isFresh = !tree.exists("/etc/xensource-inventory")
    for (path, entry) in entries.sorted(by: { $0.key < $1.key }) { try tree.put(path, entry, isNew: isFresh) }
    try? tree.put("/var/run", .link("../run"), isNew: true)
    dom0.inventory = inventoryKeys
    dom0.written["/etc/xensource/pool.conf"] = .text(poolRole)
  }

  /// This host's cards, by position.
  var ownCards: [NIC] { world.nics.filter { $0.host == world.thisHost }.sorted { $0.position < $1.position } }

  /// The text of `pool.conf`.
  var poolRole: String {
    switch world.role {
    case .coordinator: "master"
    case .member(let address): "slave:\(address)"
    case nil: world.isCoordinator ? "master" : "slave:\(world.coordinatorIP)"
    }
  }

  private func installedEntries() -> [String: TreeEntry] {
    var entries: [String: TreeEntry] = [
      "/etc/xensource-inventory": .text(world.inventory),
      "/etc/firstboot.d/data/management.conf": .text(world.installedManagement),
      "/etc/xensource/pool.conf": .text(poolRole), "/etc/xensource/network.conf": .text("openvswitch\n"),
      "/var/lib/misc/ran-network-init": .text(""),
      "/etc/hosts": .text("127.0.0.1 localhost localhost.localdomain\n::1 localhost localhost.localdomain\n"),
      "/etc/sysconfig/network": .text("NETWORKING=yes\nNETWORKING_IPV6=no\nIPV6_AUTOCONF=no\n"),
      "/etc/sysconfig/network-scripts/ifcfg-lo": .text("DEVICE=lo\nIPADDR=127.0.0.1\nNETMASK=255.0.0.0\nONBOOT=yes\n"),
      "/etc/sysctl.d/90-net.conf": .text("net.ipv4.conf.all.rp_filter = 0\nnet.ipv4.conf.all.arp_filter = 1\n"),
      "/etc/modprobe.d/blacklist-bridge.conf": .text("install bridge /bin/true\n"),
      "/opt/xensource/bin/xe-reset-networking": .text(resetProgram, mode: 0o755),
      "/proc/xen/capabilities": .text("control_d\n"),
      "/sys/module/openvswitch/parameters/ignore_fip_lldp": .text("0\n"),
    ]
    for tool in ["xe-toolstack-restart", "xe-get-network-backend", "xe-switch-network-backend", "interface-rename"] {
      entries["/opt/xensource/bin/\(tool)"] = .text("# The real one is a program.\n", mode: 0o755)
    }
    if !layout.hasInterfaceRename { entries["/opt/xensource/bin/interface-rename"] = nil }
    return entries
  }

  /// Not the vendor's program, but what tells its generations apart.
  var resetProgram: String {
    """
    # The real one is a program.
    network_reset = '\(layout.trigger)'
    management_conf = '/etc/firstboot.d/data/management.conf'
    options: --master --device --mode --mode-v6 --novlan --vlan --ip --ipv6 --netmask --gateway --gateway-v6 --dns\
    \(layout.hasInterfaceRename ? " --keep-interface-name-rules" : "")

    """
  }

  static func localDatabase(isHAArmed: Bool) -> String {
    "<config><row key=\"ha.armed\" value=\"\(isHAArmed)\"/>"
      + "<row key=\"ha.disable_failover_decisions\" value=\"false\"/></config>"
  }
}

extension World {
  /// `management.conf` as it was at installation: the first card, whatever came later.
  var installedManagement: String {
    let pifs = database.strings("host", thisHost, "PIFs")
    let cards = nics.filter { $0.host == thisHost }.sorted { $0.position < $1.position }
    let management = pifs.first { database.bool("PIF", $0, "management") } ?? Wire.nullRef
    func text(_ field: String) -> String { database.string("PIF", management, field) }
    var entries = [("LABEL", cards.first?.device ?? "eth0")]
    if text("ip_configuration_mode") == "Static" {
      entries += [
        ("MODE", "static"), ("IP", text("IP")), ("NETMASK", text("netmask")), ("GATEWAY", text("gateway")),
        ("DNS", text("DNS")), ("DOMAIN", "lab.example"),
      ]
    } else {
      entries.append(("MODE", "dhcp"))
    }
    return entries.filter { !$0.1.isEmpty }.map { "\($0.0)='\($0.1)'\n" }.joined()
  }
}
