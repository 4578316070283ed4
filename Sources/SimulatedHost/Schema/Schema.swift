/// Which XAPI is simulated. They differ in fields, see the table at the top of the notes on XAPI.
public enum Product: String, Sendable, CaseIterable {
  /// XCP-ng 8.2's, as far as it lacks what later ones have of NTP, SSH and updates.
  case xapi1_249
  /// What XCP-ng 8.3 ships: the default.
  case xapi26_1_3
  /// What the recorded answers come from.
  case xapi26_17
}

/// All classes that the simulated host keeps rows of, and the names of those it only counts.
struct Schema: Sendable {
  let product: Product
  /// In the order in which `event.from` lists classes.
  let classes: [ClassSchema]
  private let indexes: [String: Int]
  private let eventIndexes: [String: Int]

  init(product: Product) {
    self.product = product
    classes = Self.texts.map { ClassSchema($0, product: product) }
    var indexes: [String: Int] = [:]
    var eventIndexes: [String: Int] = [:]
    for (index, schema) in classes.enumerated() {
      indexes[schema.name] = index
      eventIndexes[schema.eventName] = index
    }
    self.indexes = indexes
    self.eventIndexes = eventIndexes
  }

  /// By the data model's spelling (`PIF`, `network_sriov`).
  func index(_ name: String) -> Int? { indexes[name] }

  /// By the name that events use; classes are compared without case there.
  func eventIndex(_ name: String) -> Int? { eventIndexes[name.lowercased()] }

  subscript(name: String) -> ClassSchema? { indexes[name].map { classes[$0] } }

  static let texts: [SchemaText] = [
    .session, .task, .event, .pool, .vm, .vmMetrics, .vmGuestMetrics, .host, .hostMetrics, .hostCPU, .network, .vif,
    .vifMetrics, .pif, .pifMetrics, .bond, .vlan, .sr, .pbd, .console, .message, .pci, .poolUpdate, .feature,
    .sdnController, .tunnel, .networkSRIOV, .cluster, .clusterHost, .certificate, .subject, .user, .secret,
    .pvsProxy,
  ]

  /// Classes that only appear as numbers in `valid_ref_counts`, as a real XAPI lists them.
  var countedOnly: [String] {
    let common = [
      "auth", "blob", "crashdump", "data_source", "diagnostics", "dr_task", "driver_variant", "gpu_group",
      "host_crashdump",
      "host_driver", "host_patch", "lvhd", "observer", "pgpu", "pool_patch", "probe_result", "pusb",
      "pvs_cache_storage",
      "pvs_server", "pvs_site", "repository", "role", "sm", "sr_stat", "usb_group", "vbd", "vbd_metrics",
      "vdi",
      "vdi_nbd_server_info", "vgpu", "vgpu_type", "vm_appliance", "vm_group", "vmpp", "vmss", "vtpm", "vusb",
    ]
    return product == .xapi26_17 ? common + ["caller", "rate_limit"] : common
  }
}
