import Dom0
import XenAPI

/// The way that packets to an address take out of this host, and how long they may be by the settings on it.
public struct MTUWay: Hashable, Sendable {
  /// Something that has an MTU of its own, the uppermost first.
  public struct Layer: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
      /// XAPI's setting for all hosts.
      case network
      /// What XAPI has noted of this host's interface.
      case interface
      /// What the kernel really does.
      case bridge, lowerNetwork, lowerBridge, nic
    }

    public var kind: Kind
    /// `network "Storage A"`, `bridge xenbr2`, `NIC eth2`.
    public var name: String
    /// Bytes; nil when nobody tells.
    public var mtu: Int?
    /// An MTU of its own, set in `other_config`.
    public var isOwn = false
  }

  public var address: InternetAddress
  /// As people call it: `eth2`, `VLAN 90 on bond0`; a bridge that belongs to nothing known by its own name.
  public var interface: String
  /// What packets leave by: a bridge, mostly.
  public var device: String
  /// Chosen, or the only way for such an address: not left to the routes.
  public var isChosen: Bool
  /// nil when the address is on the link.
  public var gateway: String?
  /// This host's own addresses.
  public var own: Set<String>
  public var network: String
  /// XAPI's record of the network; empty when it is not known.
  public var networkUUID = ""
  /// XAPI's record of the interface; empty when it is not known.
  public var interfaceUUID = ""
  /// Bytes of the packets that are tried.
  public var size: Int
  public var layers: [Layer]

  /// What really limits the packets of this host; nil when the kernel tells nothing.
  public var kernelMTU: Int? { layers.filter { $0.kind == .bridge || $0.kind == .nic || $0.kind == .lowerBridge }.compactMap(\.mtu).min() }
  /// XAPI's setting.
  public var networkMTU: Int? { layers.first { $0.kind == .interface && $0.isOwn }?.mtu ?? layers.first { $0.kind == .network }?.mtu }
}

/// Why there is no way to an address.
struct NoWay: Error { let text: String }

/// What is known of this host when a way is looked for.
struct MTUScene: Sendable {
  var local: LocalHost
  /// By the host's own files and tools.
  var interfaces: [InterfaceView]
  /// nil when XAPI did not answer.
  var database: XenDatabase?
  var here: Ref<Host>?
  var storage: [MTUStorage] = []
  /// Why XAPI told nothing; nil when it did.
  var silence: String?

  var nameServers: [String] { (try? local.files.resolver.get())?.nameServers ?? [] }
  var searchDomains: [String] { (try? local.files.resolver.get())?.searchDomains ?? [] }

  /// Addresses of a device, without those that reach no further than the link.
  func addresses(of device: String) -> [IPAddress] {
    (local.ip(device)?.addresses ?? []).filter { $0.scope != "link" && $0.scope != "host" }
  }

  func interface(onBridge device: String) -> InterfaceView? { interfaces.first { $0.bridge == device && $0.memberOf == nil } }

  func network(ofBridge bridge: String) -> Network? {
    database?.networks.all.first { $0.record.bridge == bridge }?.record
  }

  /// This host's interface on a network.
  func pif(ofBridge bridge: String) -> PIF? {
    guard let database, let network = database.networks.all.first(where: { $0.record.bridge == bridge }) else { return nil }
    return network.record.pifs.lazy.compactMap { database.pifs[$0] }.first { $0.host == here }
  }

  // MARK: The way

  func way(to address: InternetAddress, _ request: MTUCheckRequest) -> Result<MTUWay, NoWay> {
    guard case .success(let devices) = local.live.addresses else { return .failure(NoWay(text: "the kernel could not be asked for its addresses")) }
    let own = Set(devices.flatMap(\.addresses).map(\.address))
    if own.contains("\(address)") || address.isLoopback { return .failure(NoWay(text: "\(address) is this host's own address")) }
    let device: String
    var gateway: String?
    var isChosen = true
    if let wanted = request.interface {
      guard let found = interfaces.first(where: { $0.name == wanted || $0.bridge == wanted && !wanted.isEmpty }) else {
        return .failure(NoWay(text: "this host has no interface \(wanted)"))
      }
      if let bond = found.memberOf { return .failure(NoWay(text: "\(wanted) belongs to \(bond): choose \(bond)")) }
      device = found.bridge.isEmpty ? found.device : found.bridge
      guard addresses(of: device).contains(where: { ($0.family == .v6) == address.isIPv6 }) || address.isLinkLocal else {
        return .failure(
          NoWay(text: "\(found.name) has no \(address.isIPv6 ? "IPv6" : "IPv4") address: nothing can be sent from it"))
      }
      gateway = route(to: address, on: device)?.gateway
    } else if address.isLinkLocal {
      guard let management = interfaces.first(where: \.isManagement)?.bridge.nonEmpty else {
        return .failure(NoWay(text: "\(address) is an address of a link: choose the interface"))
      }
      device = management
    } else {
      guard let route = route(to: address, on: nil), let found = route.device ?? route.nextHops.first?.device else {
        return .failure(NoWay(text: "this host has no route to \(address)"))
      }
      (device, gateway, isChosen) = (found, route.gateway ?? route.nextHops.first?.gateway, false)
    }
    return .success(way(address, device, gateway, isChosen: isChosen, own, request))
  }

  /// The most exact one, then the one of least metric.
  private func route(to address: InternetAddress, on device: String?) -> IPRoute? {
    let routes = ((try? local.live.routes?.get()) ?? []).filter { route in
      (route.family == .v6) == address.isIPv6 && route.kind == nil && !route.flags.contains("dead")
        && (device == nil || route.device == device || route.nextHops.contains { $0.device == device })
    }
    let fitting = routes.compactMap { route -> (length: Int, route: IPRoute)? in
      guard let destination = route.destination else { return (-1, route) }
      let parts = destination.split(separator: "/")
      let length = parts.count > 1 ? Int(parts[1]) ?? 0 : address.isIPv6 ? 128 : 32
      let isInside: Bool =
        switch (InternetAddress(String(parts[0])), address) {
        case (.v4(let net)?, .v4(let wanted)): IPv4Prefix(net, length: length).contains(wanted)
        case (.v6(let net)?, .v6(let wanted)): IPv6Prefix(net, length: length).contains(wanted)
        default: false
        }
      return isInside ? (length, route) : nil
    }
    return fitting.max { left, right in
      left.length != right.length ? left.length < right.length : (left.route.metric ?? 0) > (right.route.metric ?? 0)
    }?.route
  }

  private func way(
    _ address: InternetAddress, _ device: String, _ gateway: String?, isChosen: Bool, _ own: Set<String>, _ request: MTUCheckRequest
  ) -> MTUWay {
    let interface = interface(onBridge: device)
    let layers = layers(device, interface)
    let network = network(ofBridge: device)
    let mtu = layers.first { $0.kind == .bridge }?.mtu ?? layers.lazy.compactMap(\.mtu).first ?? 1500
    return MTUWay(
      address: address, interface: interface?.name ?? device, device: device, isChosen: isChosen, gateway: gateway, own: own,
      network: network?.nameLabel ?? interface?.networkName ?? "", networkUUID: network?.uuid ?? "",
      interfaceUUID: pif(ofBridge: device)?.uuid ?? "", size: request.size ?? mtu, layers: layers)
  }

  // MARK: Layers

  private func layers(_ device: String, _ interface: InterfaceView?) -> [MTUWay.Layer] {
    var layers = told(device, .network)
    if let pif = pif(ofBridge: device) {
      let own = pif.otherConfig["mtu"].flatMap { Int($0) }
      let name = interface?.name ?? pif.device
      layers.append(
        .init(kind: .interface, name: "\(name), \(own == nil ? "as XAPI noted it" : "its own in XAPI")", mtu: own ?? (pif.mtu > 0 ? Int(pif.mtu) : nil), isOwn: own != nil))
    }
    layers.append(.init(kind: .bridge, name: "bridge \(device)", mtu: local.ip(device)?.mtu))
    guard let interface else { return layers }
    var base = interface
    if case .vlan(_, let below) = interface.kind, let lower = interfaces.first(where: { $0.device == below && $0.kind.isBase }) {
      if !lower.bridge.isEmpty {
        layers += told(lower.bridge, .lowerNetwork)
        layers.append(.init(kind: .lowerBridge, name: "bridge \(lower.bridge) of \(lower.name)", mtu: local.ip(lower.bridge)?.mtu))
      }
      base = lower
    }
    let nics: [String] = if case .bond(_, let members) = base.kind { members } else { [base.device] }
    layers += nics.filter { $0 != device }.map { nic in .init(kind: .nic, name: "NIC \(nic)", mtu: local.ip(nic)?.mtu) }
    return layers
  }

  private func told(_ bridge: String, _ kind: MTUWay.Layer.Kind) -> [MTUWay.Layer] {
    guard let network = network(ofBridge: bridge) else { return [] }
    return [.init(kind: kind, name: "network \"\(network.nameLabel)\"", mtu: Int(clamping: network.mtu))]
  }
}

/// Looks up what ways are found by. Neither a tool that hangs nor XAPI is waited for long.
struct MTULook: Sendable {
  private let system: HostSystem
  private let client: XenClient?

  private static let limit = Duration.seconds(5)

  init(_ system: HostSystem, client: XenClient?) {
    self.system = system
    self.client = client
  }

  /// - Parameter withStorage: asks XAPI where storage is as well.
  func scene(withStorage: Bool = false) async -> MTUScene {
    async let told = asked(withStorage)
    var local = LocalHost(of: system)
    local.live.merge(await LiveNetwork.take(of: system, parts: [.files, .addresses, .routes, .openVSwitch]))
    var interfaces = LocalJoin(local).interfaces()
    if local.knowsNICs { KernelOverlay(local).apply(to: &interfaces) }
    var scene = MTUScene(local: local, interfaces: interfaces)
    let answer = await told
    (scene.database, scene.here, scene.storage, scene.silence) = (answer.database, answer.here, answer.storage, answer.silence)
    return scene
  }

  private struct Told: Sendable {
    var database: XenDatabase?
    var here: Ref<Host>?
    var storage: [MTUStorage] = []
    var silence: String?
  }

  private func asked(_ withStorage: Bool) async -> Told {
    guard let client else { return Told(silence: "XAPI was not asked") }
    var reader = DatabaseReader(client, classes: ["pool", "host", "pif", "network"])
    do throws(XenError) {
      var told = Told(database: try await reader.read(limit: Self.limit))
      if let database = told.database { told.here = await LayoutSource.thisHost(in: database, client, system, limit: Self.limit) }
      if withStorage, let here = told.here { told.storage = await MTUStorage.all(of: here, client, limit: Self.limit) }
      return told
    } catch {
      return Told(silence: "\(error)")
    }
  }
}
