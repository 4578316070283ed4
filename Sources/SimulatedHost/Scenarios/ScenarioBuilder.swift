import JSON

/// Puts a world together the way XAPI would have come to have it.
struct ScenarioBuilder {
  var world: World
  private var serial: Int
  private var busyDevices: [String: Int64] = [:]

  /// - Parameter seed: the same seed gives the same refs, uuids and addresses.
  init(seed: UInt64) {
    world = World(product: .xapi26_1_3)
    world.names = Names(seed: seed)
    serial = Int(seed % 200) * 0x100 + 0x10
    world.create("user", ["short_name": "root", "fullname": "superuser"])
  }

  private var ago: WallTime { WallTime(seconds: world.clock().seconds - 6 * 24 * 3600) }

  // MARK: Pool and hosts

  mutating func addPool(name: String, description: String = "", coordinator: String) {
    let secret = world.create("secret", [:])
    world.create(
      "pool",
      [
        "name_label": .string(name), "name_description": .string(description), "master": .string(coordinator),
        "restrictions": .object(HostFacts.restrictions), "other_config": ["memory-ratio-hvm": "0.25"],
        "ha_cluster_stack": "xhad", "tls_verification_enabled": true, "coordinator_bias": true,
        "telemetry_uuid": .string(secret),
        "cpu_info": ["cpu_count": "32", "socket_count": "2", "vendor": "GenuineIntel"],
      ])
  }

  /// A host with its metrics and control domain.
  /// - Parameter memory: in GiB.
  mutating func addHost(name: String, address: String, memory: Int64 = 128) -> String {
    let boot = ago.seconds
    let metrics = world.create(
      "host_metrics",
      ["memory_total": .int(memory << 30), "live": true, "last_updated": .string(world.clock().datetime)])
    let host = world.create(
      "host",
      [
        "name_label": .string(name), "name_description": "Default install", "hostname": .string(name),
        "address": .string(address), "enabled": true, "metrics": .string(metrics), "memory_overhead": 3_246_978_048,
        "API_version_major": 2, "API_version_minor": 21, "API_version_vendor": "XenSource",
        "software_version": .object(HostFacts.softwareVersion), "cpu_info": .object(HostFacts.cpuInfo),
        "bios_strings": .object(HostFacts.biosStrings(serial: "7XK\(name.uppercased().suffix(4))")),
        "license_params": .object(HostFacts.restrictions), "edition": "xcp-ng", "sched_policy": "credit",
        "other_config": [
          "agent_start_time": .string("\(boot + 95)."), "boot_time": .string("\(boot)."),
          "iscsi_iqn": .string("iqn.2026-03.example.lab:\(name)"),
        ],
        "iscsi_iqn": .string("iqn.2026-03.example.lab:\(name)"), "https_only": true, "tls_verification_enabled": true,
        "ssh_enabled": true, "ssh_auto_mode": false,
        "allowed_operations": [
          "vm_migrate", "provision", "vm_resume", "evacuate", "vm_start", "reboot", "shutdown", "power_on",
          "apply_updates",
        ],
        "capabilities": ["xen-3.0-x86_64", "hvm-3.0-x86_32", "hvm-3.0-x86_32p", "hvm-3.0-x86_64"],
        "virtual_hardware_platform_versions": [0, 1, 2], "supported_bootloaders": ["pygrub", "eliloader"],
        "chipset_info": ["iommu": "true"], "editions": ["xcp-ng"],
      ])
    let vm = addVM(name: "Control domain on host: \(name)", on: host, memory: 4, isControlDomain: true)
    world.database.set("host", host, "control_domain", .string(vm))
    return host
  }

  // MARK: Networks

  mutating func addNetwork(
    _ name: String, bridge: String, description: String = "", mtu: Int64 = 1500, config: JSONObject = [:],
    tags: [String] = []
  ) -> String {
    world.create(
      "network",
      [
        "name_label": .string(name), "name_description": .string(description), "bridge": .string(bridge),
        "MTU": .int(mtu), "managed": true, "other_config": .object(config), "tags": .array(tags.map { .string($0) }),
      ])
  }

  /// The network that every host makes for guests to reach XAPI.
  mutating func addInternalManagementNetwork() {
    _ = addNetwork(
      "Host internal management network", bridge: "xenapi",
      description: "Network on which guests will be assigned a private link-local IP address which can be used to talk "
        + "XenAPI",
      config: [
        "is_guest_installer_network": "true", "is_host_internal_management_network": "true",
        "ip_begin": "169.254.0.1", "ip_end": "169.254.255.254", "netmask": "255.255.0.0",
      ])
  }

  // MARK: Interfaces

  struct Address {
    var mode = "None"
    var ip = ""
    var netmask = ""
    var gateway = ""
    var dns = ""

    static let none = Address()

    static func fixed(_ ip: String, gateway: String = "", dns: String = "") -> Address {
      Address(mode: "Static", ip: ip, netmask: "255.255.255.0", gateway: gateway, dns: dns)
    }
  }

  /// A card with its PIF, plugged.
  mutating func addNIC(
    _ position: Int, _ model: CardModel, host: String, network: String, address: Address = .none,
    management: Bool = false,
    carrier: Bool = true
  ) -> String {
    serial += 1
    let device = "eth\(position)"
    let buses = ["19", "5e", "86", "af"]
    let path = "0000:\(buses[position / 2 % buses.count]):0\(position / 8).\(position % 2)"
    let pci = world.create(
      "PCI",
      [
        "class_name": "Ethernet controller", "vendor_name": .string(model.vendor), "device_name": .string(model.device),
        "host": .string(host), "pci_id": .string(path), "subsystem_vendor_name": .string(model.vendor),
        "subsystem_device_name": .string(model.subsystem), "driver_name": .string(model.driver),
      ])
    let metrics = world.create(
      "PIF_metrics",
      [
        "carrier": .bool(carrier), "vendor_id": .string(model.vendorID), "vendor_name": .string(model.vendor),
        "device_id": .string(model.deviceID), "device_name": .string(model.device),
        "speed": .int(carrier ? model.speed : 0), "duplex": .bool(carrier), "pci_bus_path": .string(path),
        "last_updated": .string(ago.datetime),
      ])
    world.speeds[metrics] = model.speed
    let mac = model.mac(serial)
    let capabilities = model.sriov ? ["sriov"] : []
    world.nics.append(
      NIC(
        host: host, device: device, mac: mac, position: position, capabilities: capabilities, pci: pci,
        carrier: carrier, speed: model.speed, vendorID: model.vendorID, deviceID: model.deviceID,
        driver: model.driver, pciPath: path))
    return addPIF(
      device: device, host: host, network: network, metrics: metrics, address: address,
      [
        "MAC": .string(mac), "VLAN": -1, "physical": true, "management": .bool(management), "properties": ["gro": "on"],
        "igmp_snooping_status": "disabled", "PCI": .string(pci),
        "capabilities": .array(capabilities.map { .string($0) }),
      ])
  }

  private mutating func addPIF(
    device: String, host: String, network: String, metrics: String, address: Address, _ fields: JSONObject
  ) -> String {
    var all: JSONObject = [
      "device": .string(device), "network": .string(network), "host": .string(host), "metrics": .string(metrics),
      "MTU": world.database.get("network", network, "MTU") ?? 1500, "currently_attached": true, "managed": true,
      "ip_configuration_mode": .string(address.mode), "IP": .string(address.ip), "netmask": .string(address.netmask),
      "gateway": .string(address.gateway), "DNS": .string(address.dns),
    ]
    for (name, value) in fields { all[name] = value }
    return world.create("PIF", all)
  }

  /// A bond of PIFs of one host. The members lose their plug and their addresses.
  mutating func addBond(
    _ number: Int, members: [String], network: String, mode: String, address: Address, management: Bool
  ) -> String {
    let first = members[0]
    let host = world.database.string("PIF", first, "host")
    let metrics = world.create("PIF_metrics", ["last_updated": .string(ago.datetime)])
    let pif = addPIF(
      device: "bond\(number)", host: host, network: network, metrics: metrics, address: address,
      [
        "MAC": world.database.get("PIF", first, "MAC") ?? "", "VLAN": -1, "management": .bool(management),
        "properties": ["gro": "on"], "IPv6": [""], "igmp_snooping_status": "disabled",
      ])
    let lacp: JSONValue = ["hashing_algorithm": "tcpudp_ports", "lacp-time": "slow", "lacp-fallback-ab": "true"]
    let bond = world.create(
      "Bond",
      [
        "master": .string(pif), "primary_slave": .string(first), "mode": .string(mode),
        "properties": mode == "lacp" ? lacp : [:],
      ])
    for member in members {
      world.database.set("PIF", member, "bond_slave_of", .string(bond))
      world.database.set("PIF", member, "currently_attached", false)
    }
    world.refreshBond(bond)
    return pif
  }

  mutating func addVLAN(_ tag: Int64, on pif: String, network: String, address: Address = .none) -> String {
    let vlan = VLANCalls.addRows(&world, on: pif, tag: tag, network: network)
    let upper = world.database.string("VLAN", vlan, "untagged_PIF")
    Plumbing.bringUp(&world, upper)
    for (field, value) in [
      ("ip_configuration_mode", address.mode), ("IP", address.ip), ("netmask", address.netmask),
    ] where address.mode != "None" {
      world.database.set("PIF", upper, field, .string(value))
    }
    return upper
  }

  // MARK: Virtual machines

  /// - Parameters:
  ///   - host: where it runs; nil when it is halted.
  ///   - memory: in GiB.
  @discardableResult
  mutating func addVM(
    name: String, on host: String?, memory: Int64 = 8, isControlDomain: Bool = false, isTemplate: Bool = false
  ) -> String {
    let bytes = JSONValue.int(memory << 30)
    let metrics = world.create("VM_metrics", ["memory_actual": bytes, "VCPUs_number": 4])
    let runs = host != nil && !isControlDomain
    let tools = runs ? world.create("VM_guest_metrics", ["PV_drivers_detected": true, "live": true]) : Wire.nullRef
    return world.create(
      "VM",
      [
        "name_label": .string(name), "power_state": host == nil ? "Halted" : "Running",
        "resident_on": .string(host ?? Wire.nullRef),
        "affinity": .string(isControlDomain ? host ?? Wire.nullRef : Wire.nullRef), "metrics": .string(metrics),
        "guest_metrics": .string(tools), "memory_static_max": bytes, "memory_dynamic_max": bytes, "memory_dynamic_min": bytes, "memory_target": bytes,
        "VCPUs_max": 4, "VCPUs_at_startup": 4, "is_control_domain": .bool(isControlDomain),
        "other_config": ["mac_seed": .string(world.names.uuid())], "is_a_template": .bool(isTemplate), "is_default_template": .bool(isTemplate),
        "domain_type": isControlDomain ? "pv" : "hvm", "domid": host == nil ? -1 : .int(isControlDomain ? 0 : 7),
        "actions_after_shutdown": "destroy", "actions_after_reboot": "restart", "actions_after_crash": "restart",
        "name_description": isControlDomain
          ? "The domain which manages physical devices and manages other domains" : "",
      ])
  }

  mutating func addVIF(vm: String, network: String) {
    serial += 1
    let number = busyDevices[vm, default: 0]
    busyDevices[vm] = number + 1
    let running = world.database.string("VM", vm, "power_state") == "Running"
    let metrics = world.create("VIF_metrics", [:])
    world.create(
      "VIF",
      [
        "device": .string(String(number)), "network": .string(network), "VM": .string(vm), "MTU": 1500,
        "MAC": .string("5e:1b:0a:\(CardModel.i350.mac(serial).dropFirst(9))"), "MAC_autogenerated": true,
        "currently_attached": .bool(running), "allowed_operations": running ? ["attach", "unplug"] : ["attach"],
        "metrics": .string(metrics), "locking_mode": "network_default",
      ])
  }
}
