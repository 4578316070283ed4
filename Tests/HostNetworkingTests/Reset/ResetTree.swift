import Dom0
import Foundation
import HostNetworking
import Testing

/// A host's tree with the files a reset lives on, in memory's file system: syncing costs nothing there.
final class ResetTree: Sendable {
  let root: String

  init(_ files: [String: String] = [:]) throws {
    let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    root = base + "/reset-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    for (path, text) in files { try write(path, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func write(_ path: String, _ text: String) throws {
    let url = URL(fileURLWithPath: root + path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + path) }

  var system: HostSystem { HostSystem(root: root) }

  func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: root + path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Every file by its path, but for what the reset keeps for itself.
  var files: [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: root) ?? .init() {
      let path = "/" + name
      guard !path.hasPrefix(ResetJournal.folder), let data = FileManager.default.contents(atPath: root + path) else { continue }
      files[path] = Array(data)
    }
    return files
  }

  /// Puts the tree back to these files.
  func restore(_ wanted: [String: [UInt8]]) throws {
    let manager = FileManager.default
    try? manager.removeItem(atPath: root + "/var/lib/xcpconsole")
    for case let name as String in manager.enumerator(atPath: root) ?? .init() {
      let path = root + "/" + name
      let kind = try manager.attributesOfItem(atPath: path)[.type] as? FileAttributeType
      if kind == .typeSymbolicLink || (kind == .typeRegular && wanted["/" + name] == nil) { try manager.removeItem(atPath: path) }
    }
    for (path, bytes) in wanted where manager.contents(atPath: root + path).map({ Array($0) }) != bytes {
      try write(path, String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Links that a reset has made and not made files again.
  var links: [String] {
    (FileManager.default.enumerator(atPath: root) ?? .init()).compactMap { $0 as? String }.filter { name in
      !("/" + name).hasPrefix(ResetJournal.folder)
        && (try? FileManager.default.destinationOfSymbolicLink(atPath: root + "/" + name)) != nil
    }
  }

  /// The same once more, links and all.
  func copy() throws -> ResetTree { try ResetTree(copyOf: root) }

  private init(copyOf other: String) throws {
    root = other + "-\(UUID().uuidString.prefix(4))"
    try FileManager.default.copyItem(atPath: other, toPath: root)
  }
}

/// Hosts to reset.
struct ResetHost: Sendable, CustomTestStringConvertible {
  enum Role: String, Sendable, CaseIterable { case standalone, coordinator, member }

  /// What carries management before.
  enum Layout: String, Sendable, CaseIterable {
    /// eth0 untagged, static.
    case plain
    /// VLAN 20 on a bond of eth0 and eth1.
    case bondVLAN
    /// eth0 untagged, DHCP.
    case dhcp
    /// eth0 with IPv6 only.
    case six
    /// networkd.db is gone; management.conf tells of eth0.
    case noDatabase
  }

  var role: Role
  var layout: Layout
  /// False for releases without interface-rename.
  var renames = true

  var testDescription: String { "\(role) on \(layout)" + (renames ? "" : " without interface-rename") }

  var bridge: String { layout == .bondVLAN ? "xapi1" : "xenbr0" }

  var files: [String: String] {
    var files = [
      "/etc/xensource-inventory": inventory,
      "/etc/xensource/pool.conf": role == .member ? "slave:10.0.4.11" : "master",
      "/etc/firstboot.d/data/management.conf": managementConf,
      "/var/tmp/.keep": "",
    ]
    if layout != .noDatabase { files["/var/lib/xcp/networkd.db"] = database }
    if renames {
      files[RenameRules.program] = "#!/usr/bin/python3\n"
      files[RenameRules.staticPath] = "# live\neth1:mac=\"00:00:00:00:00:02\"\n"
      files[RenameRules.dynamicPath] = dynamicRules("eth0", "eth1")
      files[RenameRules.folder + "/.from_install/static-rules.conf"] = "# installed\n"
      files[RenameRules.folder + "/.from_install/dynamic-rules.json"] = dynamicRules("eth0", "eth1") + "\n"
    }
    return files
  }

  private var inventory: String {
    """
    PRODUCT_BRAND='XCP-ng'
    PRODUCT_VERSION='8.3.0'
    INSTALLATION_UUID='b8b63475-d28c-44d4-9d1e-c38298ad3a0d'
    CONTROL_DOMAIN_UUID='3b1dccee-9da4-49c6-8250-e3725e0e4b2d'
    MANAGEMENT_INTERFACE='\(bridge)'
    MANAGEMENT_ADDRESS_TYPE='\(layout == .six ? "IPv6" : "IPv4")'
    CURRENT_INTERFACES='\(bridge)'
    INSTALLATION_DATE='2026-08-03 16:39:24.077945'

    """
  }

  /// As the installer left it, on the NIC of that time.
  private var managementConf: String {
    switch layout {
    case .noDatabase:
      "LABEL='eth0'\nMODE='static'\nIP='10.0.4.12'\nNETMASK='255.255.255.0'\nGATEWAY='10.0.4.1'\n"
    default: "LABEL='eth2'\nMODE='dhcp'\n"
    }
  }

  private var database: String {
    let fixed = #""ipv4_conf":["Static4",[["10.0.4.12",24]]],"ipv4_gateway":"10.0.4.1","dns":[["10.0.4.2"],["lab.example"]]"#
    let none = #""ipv4_conf":"None4""#
    let six = #""ipv4_conf":"None4","ipv6_conf":["Static6",[["fd00::12",64]]],"ipv6_gateway":"fd00::1""#
    func port(_ nics: String...) -> String {
      let list = nics.map { "\"\($0)\"" }.joined(separator: ",")
      let name = nics.count > 1 ? "bond0" : nics[0]
      let properties = nics.count > 1 ? #"{"mode":"lacp"}"# : "{}"
      return "\"ports\":{\"\(name)\":{\"interfaces\":[\(list)],\"bond_properties\":\(properties)}},\"persistent_b\":true"
    }
    let (interfaces, bridges): (String, String) =
      switch layout {
      case .plain, .noDatabase: ("\"xenbr0\":{\(fixed),\"persistent_i\":true}", "\"xenbr0\":{\(port("eth0"))}")
      case .dhcp: (#""xenbr0":{"ipv4_conf":"DHCP4","persistent_i":true}"#, "\"xenbr0\":{\(port("eth0"))}")
      case .six: ("\"xenbr0\":{\(six),\"persistent_i\":true}", "\"xenbr0\":{\(port("eth0"))}")
      case .bondVLAN:
        (
          "\"xapi0\":{\(none),\"persistent_i\":true},\"xapi1\":{\(fixed),\"persistent_i\":true}",
          "\"xapi0\":{\(port("eth0", "eth1"))},\"xapi1\":{\"ports\":{},\"vlan\":[\"xapi0\",20],\"persistent_b\":true}"
        )
      }
    return """
      {"interface_config":{\(interfaces)},"bridge_config":{\(bridges)},"gateway_interface":"\(bridge)","dns_interface":"\(bridge)"}
      """
  }

  private func dynamicRules(_ names: String...) -> String {
    let rows = names.enumerated().map { "[\"00:00:00:00:00:0\($0.offset + 1)\", \"0000:0\($0.offset + 1):00.0[0]\", \"\($0.element)\"]" }
    return "# Automatically adjusted file.\n{\"lastboot\": [\(rows.joined(separator: ", "))], \"old\": []}"
  }
}
