import JSON
import XenAPI

/// One host's end of a private network between hosts, by names that stay when XAPI makes its rows anew.
public struct TunnelEnd: Hashable, Sendable {
  /// The host's uuid.
  var host: String
  /// For sentences; empty where there is one host only.
  var hostName: String
  /// The interface it goes over: `eth0`, `VLAN 42 on bond0`.
  var transport: String
  /// The network's uuid.
  var network: String
  /// `gre`, `vxlan`.
  var kind: String
  var isPlugged: Bool

  var place: String { hostName.isEmpty ? transport : "\(transport) of \(hostName)" }
  var words: String { "the tunnel over \(place)" }

  struct Found {
    let ref: Ref<Tunnel>
    let tunnel: Tunnel
    let access: (ref: Ref<PIF>, pif: PIF)
  }

  /// A host has one interface on a network.
  func found(in scene: ChangeScene) -> Found? {
    guard let network = scene.networkOrItsSuccessor(.uuid(network)) else { return nil }
    for ref in scene.database.networks[network]?.pifs ?? [] {
      guard let pif = scene.database.pifs[ref], scene.database.hosts[pif.host]?.uuid == host, let tunnel = pif.tunnelAccessPIFOf.first,
        let row = scene.database.tunnels[tunnel]
      else { continue }
      return Found(ref: tunnel, tunnel: row, access: (ref, pif))
    }
    return nil
  }

  func transport(in scene: ChangeScene) -> Ref<PIF>? {
    guard let ref = scene.database.hosts.all.first(where: { $0.record.uuid == host })?.ref else { return nil }
    return InterfaceTree(scene.database, host: ref)[transport]?.ref
  }

  // MARK: On disk

  var json: JSONValue {
    [
      "host": .string(host), "name": .string(hostName), "over": .string(transport), "network": .string(network), "kind": .string(kind),
      "plugged": .bool(isPlugged),
    ]
  }

  init?(_ json: JSONValue) {
    guard let host = json["host"]?.string, let name = json["name"]?.string, let transport = json["over"]?.string,
      let network = json["network"]?.string, let kind = json["kind"]?.string, let isPlugged = json["plugged"]?.bool
    else { return nil }
    self.init(host: host, hostName: name, transport: transport, network: network, kind: kind, isPlugged: isPlugged)
  }

  init(host: String, hostName: String, transport: String, network: String, kind: String, isPlugged: Bool) {
    self.host = host
    self.hostName = hostName
    self.transport = transport
    self.network = network
    self.kind = kind
    self.isPlugged = isPlugged
  }
}

extension NetworkAction {
  /// What makes a removed tunnel again as it was.
  static func again(_ end: TunnelEnd, _ settings: VLANSettings) -> [ChangeAction] {
    [.networks(.makeTunnel(end))] + (settings.isNothing ? [] : [.networks(.settleTunnel(end, settings))]) + [.networks(.plugTunnel(end))]
  }
}
