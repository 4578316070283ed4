import JSON

extension World {
  /// A recorded state: class -> ref -> record. Rows it refers to without holding them (CPUs, consoles) are filled in.
  init(recorded state: JSONValue) throws(SimulationError) {
    guard let classes = state.object else { throw .badState("not an object") }
    guard let hosts = classes["host"]?.object, let host = hosts.first(where: { _ in true }) else {
      throw .badState("no host")
    }
    guard let pools = classes["pool"]?.object, pools.count == 1 else { throw .badState("not one pool") }
    self.init(
      product: host.1["software_version"]?["xapi"]?.string?.hasPrefix("26.17") == true ? .xapi26_17 : .xapi26_1_3)
    thisHost = pools.values[0]["master"]?.string ?? host.0
    for (name, rows) in classes {
      guard let table = schema.index(name), let rows = rows.object else { continue }
      let definition = schema.classes[table]
      for (ref, record) in rows {
        let record = record.object ?? JSONObject()
        database.load(table, ref: ref, definition.fields.map { record[$0.name] ?? $0.initial })
      }
    }
    fillIn()
    nics = physicalNICs()
    separatesVLANs = false
    let address = database.string("host", thisHost, "address").split(separator: ".")
    if address.count == 4 { dhcpPrefix = address.prefix(3).joined(separator: ".") }
  }

  /// Rows that a host always has and recorded states leave out, made of what the state says elsewhere.
  private mutating func fillIn() {
    for host in database.refs("host") { fillInCPUs(of: host) }
    for vm in database.refs("VM") { fillInConsoles(of: vm) }
    create("user", ["short_name": "root", "fullname": "superuser"])
    let secret = database.string("pool", pool, "telemetry_uuid")
    if !secret.isEmpty, secret != Wire.nullRef {
      database.insert("secret", ref: secret, ["uuid": .string(names.uuid())])
    }
  }

  private mutating func fillInCPUs(of host: String) {
    let info = database.get("host", host, "cpu_info")
    func number(_ key: String) -> JSONValue {
      .int(Int64((info?[key]?.string ?? "").prefix { $0.isNumber }) ?? 0)
    }
    // The list grows at its front.
    for (index, ref) in database.strings("host", host, "host_CPUs").reversed().enumerated()
    where !database.exists("host_cpu", ref) {
      database.insert(
        "host_cpu", ref: ref,
        [
          "uuid": .string(names.uuid()), "host": .string(host), "number": .int(Int64(index)),
          "vendor": info?["vendor"] ?? "", "speed": number("speed"), "modelname": info?["modelname"] ?? "",
          "family": number("family"), "model": number("model"), "stepping": info?["stepping"] ?? "",
          "flags": info?["flags"] ?? "",
        ])
    }
  }

  private mutating func fillInConsoles(of vm: String) {
    let address = database.string("host", database.string("VM", vm, "resident_on"), "address")
    for (ref, proto) in zip(database.strings("VM", vm, "consoles"), ["vt100", "rfb"])
    where !database.exists("console", ref) {
      database.insert(
        "console", ref: ref,
        [
          "uuid": .string(names.uuid()), "VM": .string(vm), "protocol": .string(proto),
          "location": .string("https://\(address)/console?ref=\(ref)"),
        ])
    }
  }

  /// The cards behind the PIFs there are.
  func physicalNICs() -> [NIC] {
    database.refs("PIF").filter { database.bool("PIF", $0, "physical") }.map { pif in
      let network = database.string("PIF", pif, "network")
      let bridge = database.string("network", network, "bridge")
      let metrics = database.string("PIF", pif, "metrics")
      let pci = database.string("PIF", pif, "PCI")
      let position = Int(bridge.drop { !$0.isNumber }) ?? 0
      let known = database.exists("PIF_metrics", metrics)
      var nic = NIC(
        host: database.string("PIF", pif, "host"), device: database.string("PIF", pif, "device"),
        mac: database.string("PIF", pif, "MAC"), position: position,
        capabilities: database.strings("PIF", pif, "capabilities"), pci: pci)
      nic.carrier = known ? database.bool("PIF_metrics", metrics, "carrier") : true
      if known, nic.carrier { nic.speed = database.int("PIF_metrics", metrics, "speed") }
      nic.vendorID = database.string("PIF_metrics", metrics, "vendor_id")
      nic.deviceID = database.string("PIF_metrics", metrics, "device_id")
      nic.driver = database.string("PCI", pci, "driver_name")
      let path = database.string("PCI", pci, "pci_id")
      nic.pciPath = path.isEmpty ? "0000:00:0\(position & 15).0" : path
      return nic
    }
  }
}
