import XenAPI

/// The lines that would mend a difference.
enum PoolMending {
  typealias Line = PoolDifference.Line

  /// More than this nobody types; the rest is of the same kind.
  private static let most = 24

  static func shortened(_ lines: [Line]) -> [Line] {
    guard lines.count > most else { return lines }
    return lines.prefix(most - 1) + [Line("# and \(lines.count - most + 1) lines more of the same kind")]
  }

  /// Gives NICs the names that they have elsewhere.
  /// - Parameter names: by the names they have now.
  static func rename(_ names: [String: String], on host: PoolShape.Host) -> [Line] {
    let pairs = names.sorted { comesBefore($0.value, $1.value) }
    let nics = pairs.compactMap { old, new in
      host.interfaces.first { $0.kind == .nic && $0.device == old }.map { (nic: $0, name: new) }
    }
    var lines = [Line("# take \(nics.map(\.nic.device).joinedWithAnd) of \(host.name) out of use: VMs, addresses, bonds, VLANs")]
    lines.append(
      Line("interface-rename --update " + nics.map { "\($0.name)=\($0.nic.mac)" }.joined(separator: " "), on: host.name))
    lines += nics.map { Line("xe pif-forget uuid=\($0.nic.uuid)") }
    lines += [Line("reboot", on: host.name), Line("xe pif-scan host-uuid=\(host.uuid)")]
    return lines
  }

  /// XAPI puts a NIC on the network of its number when it is introduced.
  static func introduceAgain(_ nic: PoolShape.Interface, on host: PoolShape.Host) -> [Line] {
    [
      Line("xe pif-forget uuid=\(nic.uuid)"),
      Line("xe pif-introduce host-uuid=\(host.uuid) device=\(nic.device) mac=\(nic.mac)"),
    ]
  }

  static func createBond(
    _ members: [PoolShape.Interface], network: PoolShape.Network, mode: BondMode, _ properties: [String: String]
  ) -> [Line] {
    guard !members.isEmpty else { return [] }
    var line = "xe bond-create network-uuid=\(network.uuid) pif-uuids=\(members.map(\.uuid).joined(separator: ",")) mode=\(mode.rawValue)"
    for (key, value) in properties.sorted(by: { $0.key < $1.key }) { line += " " + ShellWord.quoted("properties:\(key)=\(value)") }
    return [Line(line)]
  }

  /// Gives an interface an address as most have one.
  static func address(_ interface: PoolShape.Interface, mode: IPConfigurationMode, isIPv6: Bool, netmask: String = "") -> Line {
    let call = isIPv6 ? "pif-reconfigure-ipv6" : "pif-reconfigure-ip"
    var line = "xe \(call) uuid=\(interface.uuid) mode=\(mode.rawValue.lowercased())"
    if mode == .static { line += isIPv6 ? " IPv6=ADDRESS/LENGTH" : " IP=ADDRESS netmask=\(netmask.nonEmpty ?? "NETMASK")" }
    return Line(line)
  }
}
