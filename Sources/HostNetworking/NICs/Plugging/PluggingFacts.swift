import Dom0
import XenAPI

/// What plans about plugging NICs are made from: XAPI's database, and the NICs that the kernel has.
struct PluggingFacts: Sendable {
  var change: ChangeFacts
  let scene: ChangeScene
  /// nil when the kernel could not be asked.
  var devices: [NetworkDevice]?
  /// The inventory's word for the bridge that carries management.
  var managementBridge: String?
  /// Names of the storage that this host has attached over FCoE; nil when XAPI did not tell.
  var fcoeStorage: [String]? = []

  init(_ change: ChangeFacts) {
    self.change = change
    scene = ChangeScene(change.database, host: change.host)
  }

  var database: XenDatabase { change.database }
  var tree: InterfaceTree { scene.tree }
  var pool: Pool? { database.pools.first?.record }
  var isMember: Bool { pool?.coordinator.map { $0 != change.host } ?? false }
  var hostName: String { database.hosts[change.host]?.nameLabel ?? change.hostname }

  // MARK: NICs

  /// The NICs of the kernel, as XAPI looks for them; nil when the kernel could not be asked.
  var nics: [NetworkDevice]? { devices.map { $0.filter(\.isPhysical).sorted { comesBefore($0.name, $1.name) } } }

  func nic(_ device: String) -> NetworkDevice? { nics?.first { $0.name == device } }

  /// Names that XAPI has records of NICs for.
  var known: Set<String> { Set(tree.nodes.filter { $0.kind == .nic && $0.pif.physical }.map(\.pif.device)) }

  /// Those that a scan would find.
  var newcomers: [Newcomer] {
    let known = known
    return (nics ?? []).filter { !known.contains($0.name) }.map { Newcomer($0, self) }
  }

  /// Records of NICs that are not in the machine.
  var goneNICs: [InterfaceTree.Node] {
    guard let nics else { return [] }
    let there = Set(nics.map(\.name))
    return tree.nodes.filter { $0.kind == .nic && $0.pif.physical && !there.contains($0.pif.device) }
  }

  /// XAPI has a record of a NIC that is not in the machine.
  func isGone(_ node: InterfaceTree.Node) -> Bool { goneNICs.contains { $0.ref == node.ref } }

  // MARK: Names

  func label(_ network: Ref<Network>?) -> String {
    guard let network = database.networks[network] else { return "no network" }
    return "network \"\(network.nameLabel.isEmpty ? network.bridge : network.nameLabel)\""
  }

  func bridge(of node: InterfaceTree.Node) -> String { database.networks[node.pif.network]?.bridge ?? "" }
}

/// Looks up what plans about plugging are made from.
struct PluggingLook: Sendable {
  private static let limit = Duration.seconds(10)

  let client: XenClient
  let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func facts() async throws(ChangeProblem) -> PluggingFacts {
    var facts = PluggingFacts(try await ChangeLook(client, system).facts())
    if let devices = try? NetworkDevice.all(on: system), devices.contains(where: \.isPhysical) { facts.devices = devices }
    facts.managementBridge = (try? Inventory(of: system))?.managementInterface.flatMap { $0.isEmpty ? nil : $0 }
    if facts.tree.nodes.contains(where: { $0.pif.capabilities.contains("fcoe") }) {
      facts.fcoeStorage = await fcoeStorage(facts.change.host)
    }
    return facts
  }

  /// Storage of type lvmofcoe with an attached PBD of this host; nil when XAPI does not tell, or nothing that makes sense.
  private func fcoeStorage(_ host: Ref<Host>) async -> [String]? {
    guard let pbds = try? await client.call("PBD.get_all_records", limit: Self.limit).object,
      let srs = try? await client.call("SR.get_all_records", limit: Self.limit).object
    else { return nil }
    let attached = pbds.values.filter { $0["host"] == host.json && $0["currently_attached"]?.bool == true }
      .compactMap { $0["SR"]?.string }
    return Set(attached).compactMap { srs[$0] }.filter { $0["type"]?.string == "lvmofcoe" }
      .compactMap { $0["name_label"]?.string }.sorted(by: comesBefore)
  }
}

/// A NIC that the kernel has and XAPI does not know.
struct Newcomer: Sendable {
  let device: NetworkDevice
  /// The bridge that XAPI gives it (`reference/xapi.md` §3.1).
  let bridge: String
  /// The network with that bridge; nil when XAPI makes one.
  let network: Ref<Network>?

  init(_ device: NetworkDevice, _ facts: PluggingFacts) {
    self.device = device
    bridge = Self.bridge(for: device.name)
    network = facts.scene.network(bridge: bridge)
  }

  static func bridge(for device: String) -> String {
    guard device.hasPrefix("eth"), let number = Int(device.dropFirst(3)), number >= 0 else { return "br\(device)" }
    return "xenbr\(number)"
  }

  var name: String { device.name }

  /// `0c:c4:7a:00:00:44, igb, no link`.
  var words: String {
    var words = [device.mac ?? "no MAC"]
    if let driver = device.hardware?.driver { words.append(driver) }
    if let slot = device.hardware?.address { words.append("PCI \(slot)") }
    switch device.hasCarrier {
    case true?: words.append(device.speed.map { "link up, \($0) Mb/s" } ?? "link up")
    case false?: words.append("no link")
    case nil: words.append("link not known before it is plugged")
    }
    return words.joined(separator: ", ")
  }

  /// What its coming into XAPI's database is taken back with.
  var undo: [ChangeAction] {
    [.forgetNIC(name)] + (network == nil ? [.destroyBridgeNetwork(bridge)] : [])
  }
}

/// Names in a sentence.
enum NameList {
  /// `web`, `web and db`, `web, db, mail and 3 more`.
  static func words(_ names: [String], most: Int = 6) -> String {
    if names.count > most { return names.prefix(most).joined(separator: ", ") + " and \(names.count - most) more" }
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and \(last)"
  }

  /// `VM web`, `VMs web and db`.
  static func vms(_ names: [String], most: Int = 6) -> String { (names.count == 1 ? "VM " : "VMs ") + words(names, most: most) }
}
