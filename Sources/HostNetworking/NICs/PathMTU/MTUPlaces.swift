import Dom0
import JSON
import XenAPI

/// Somebody to whom packet sizes can be tested.
public struct MTUPlace: Hashable, Sendable {
  public enum Kind: Int, Hashable, Sendable { case storage, host, gateway, dns }

  public var kind: Kind
  /// `storage "NFS ISOs"`, `xcp2`, `gateway`.
  public var who: String
  /// An address or a name.
  public var target: String
  /// The interface it is reached through; empty when that is not known.
  public var interface: String
  /// The network's name.
  public var network: String
}

/// An interface of this host that packets can be sent from.
public struct MTUSource: Hashable, Sendable {
  /// As people call it.
  public var name: String
  public var network: String
  /// Bytes.
  public var mtu: Int?
}

/// Whom this host knows of.
public struct MTUPlaces: Hashable, Sendable {
  public var places: [MTUPlace] = []
  public var sources: [MTUSource] = []
  /// Why XAPI told of nobody; nil when it answered.
  public var silence: String?

  public init() {}
}

/// A server that storage is on, as a PBD of this host names it.
struct MTUStorage: Hashable, Sendable {
  var name: String
  /// Address or name.
  var server: String

  /// Where they name servers: NFS and SMB, iSCSI, ISOs, Gluster.
  static let keys = ["server", "target", "location", "multihomelist", "multihome"]

  static func all(of host: Ref<Host>, _ client: XenClient, limit: Duration) async -> [MTUStorage] {
    await byHost(client, limit: limit)?[host] ?? []
  }

  /// Of every host; nil when XAPI does not tell.
  /// - Parameter attachedOnly: without what a host only could attach.
  static func byHost(_ client: XenClient, limit: Duration, attachedOnly: Bool = false) async -> [Ref<Host>: [MTUStorage]]? {
    guard let pbds = try? await client.call("PBD.get_all_records", limit: limit).object,
      let srs = try? await client.call("SR.get_all_records", limit: limit).object
    else { return nil }
    let hosts = Dictionary(grouping: pbds.values.filter { !attachedOnly || $0["currently_attached"]?.bool == true }) { $0["host"]?.string ?? "" }
    return Dictionary(
      hosts.compactMap { host, pbds in Ref<Host>(host).map { ($0, all(pbds, srs)) } }, uniquingKeysWith: { first, _ in first })
  }

  private static func all(_ pbds: [JSONValue], _ srs: JSONObject) -> [MTUStorage] {
    var found: [MTUStorage] = []
    for pbd in pbds {
      let name = pbd["SR"]?.string.flatMap { srs[$0]?["name_label"]?.string } ?? ""
      let config = pbd["device_config"]?.object ?? JSONObject()
      for key in keys {
        for server in servers(config[key]?.string ?? "") where !found.contains(where: { $0.server == server }) {
          found.append(MTUStorage(name: name, server: server))
        }
      }
    }
    return found.sorted { $0.name == $1.name ? comesBefore($0.server, $1.server) : comesBefore($0.name, $1.name) }
  }

  /// `10.0.20.50`, `10.0.20.50,10.0.21.50`, `10.0.20.50:3260`, `nas:/export`, `\\nas\share`.
  static func servers(_ text: String) -> [String] {
    text.split(separator: ",").compactMap { part in
      var part = part.drop { $0 == " " || $0 == "\\" || $0 == "/" }
      // A local folder names no server.
      if text.hasPrefix("/") && !text.hasPrefix("//") { return nil }
      if part.hasPrefix("[") {
        part = part.dropFirst().prefix { $0 != "]" }
      } else if part.count(where: { $0 == ":" }) == 1 {
        part = part.prefix { $0 != ":" }
      }
      let server = String(part.prefix { $0 != "\\" && $0 != "/" && $0 != " " })
      return (try? DoctorTarget(server, port: "")) == nil ? nil : server
    }
  }
}

extension MTULook {
  func places() async -> MTUPlaces { await scene(withStorage: true).places }
}

extension MTUScene {
  /// Storage first, then the pool's hosts network by network, then who every host needs.
  var places: MTUPlaces {
    var result = MTUPlaces()
    result.silence = silence
    let usable = interfaces.filter { !$0.bridge.isEmpty && $0.memberOf == nil && !addresses(of: $0.bridge).isEmpty }
    result.sources = usable.map { interface in
      MTUSource(name: interface.name, network: networkName(interface), mtu: local.ip(interface.bridge)?.mtu)
    }
    var places: [MTUPlace] = []
    func add(_ kind: MTUPlace.Kind, _ who: String, _ target: String, on interface: InterfaceView?) {
      guard !target.isEmpty, !places.contains(where: { $0.target == target }) else { return }
      places.append(
        MTUPlace(kind: kind, who: who, target: target, interface: interface?.name ?? "", network: interface.map(networkName) ?? ""))
    }
    func holder(_ target: String) -> InterfaceView? {
      guard let address = InternetAddress(target) else { return nil }
      return usable.first { interface in addresses(of: interface.bridge).contains { $0.contains(address) } }
    }
    for server in storage { add(.storage, "storage \"\(server.name)\"", server.server, on: holder(server.server)) }
    // Networks of their own are where jumbo frames are; management comes last.
    for interface in usable.filter({ !$0.isManagement }) + usable.filter(\.isManagement) {
      for (name, address) in peers(on: interface) { add(.host, name, address, on: interface) }
    }
    for gateway in LocalFacts(local).defaultRoutes ?? [] where !gateway.address.isEmpty {
      add(.gateway, "gateway", gateway.address, on: interface(onBridge: gateway.device))
    }
    for server in nameServers { add(.dns, "DNS server", server, on: holder(server)) }
    if database == nil, case .success(.member(let coordinator)) = local.files.pool { add(.host, "coordinator", coordinator, on: holder(coordinator)) }
    result.places = places
    return result
  }

  private func networkName(_ interface: InterfaceView) -> String {
    network(ofBridge: interface.bridge)?.nameLabel ?? interface.networkName
  }

  /// Other hosts of the pool with an address on the same network.
  private func peers(on interface: InterfaceView) -> [(name: String, address: String)] {
    guard let database, let network = database.networks.all.first(where: { $0.record.bridge == interface.bridge })?.record else { return [] }
    var found: [(name: String, address: String)] = []
    for pif in network.pifs.compactMap({ database.pifs[$0] }) where pif.host != here && pif.currentlyAttached {
      let name = pif.host.flatMap { database.hosts[$0]?.nameLabel } ?? ""
      let six = pif.ipv6.map { String($0.prefix { $0 != "/" }) }
      for address in [pif.ip] + six where !address.isEmpty && !address.lowercased().hasPrefix("fe80:") { found.append((name, address)) }
    }
    return found.sorted { $0.name == $1.name ? $0.address < $1.address : comesBefore($0.name, $1.name) }
  }
}
