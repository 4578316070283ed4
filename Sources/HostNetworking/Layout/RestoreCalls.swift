import JSON
import XenAPI

/// Why a step of a restore was not done.
enum RestoreFailure: Error, Sendable {
  case xapi(XenError)
  /// XAPI took the call, but how it ended is not known.
  case unknown(XenError)
  /// What the step needs is not there (any more); a sentence.
  case missing(String)
}

/// The calls of each kind of step, on the database as it is right before.
struct RestoreCalls: Sendable {
  let client: XenClient
  let resolver: LayoutResolver
  let host: Ref<Host>
  let progress: @Sendable (Double) -> Void

  /// - Returns: the network that was made, if one was.
  func perform(_ action: RestoreAction) async throws(RestoreFailure) -> Ref<Network>? {
    switch action {
    case .createNetwork(let saved): return try await create(saved)
    case .changeNetwork(let saved, let changes):
      guard let ref = resolver.network(saved.id) else { throw .missing("\(saved.title) is not there") }
      for change in changes { try await apply(change, to: ref) }
    case .createBond(let bond): try await create(bond)
    case .setBondMode(let bond): try await task("Bond.set_mode", [row(bond).json, .string(bond.mode.rawValue)])
    case .setBondProperties(let bond, let values):
      for (key, value) in values.sorted(by: { $0.key < $1.key }) {
        try await task("Bond.set_property", [row(bond).json, .string(key), .string(value)])
      }
    case .createVLAN(let vlan): try await create(vlan)
    case .replaceVLAN(let vlan): try await replace(vlan)
    case .createTunnel(let tunnel):
      try await task(
        "tunnel.create",
        [pif(tunnel.base).ref.json, network(of: tunnel.name).json, .string(tunnel.protocol.rawValue)])
    case .createSRIOV(let sriov):
      try await task("network_sriov.create", [pif(sriov.base).ref.json, network(of: sriov.name).json])
    case .setOtherConfig(let owner, let values): try await set(values, of: owner)
    case .setProperties(let saved, let values):
      for (key, value) in values.sorted(by: { $0.key < $1.key }) {
        try await task("PIF.set_property", [pif(saved.name).ref.json, .string(key), .string(value)])
      }
    case .setPrimaryAddressType(let saved):
      try await task("PIF.set_primary_address_type", [pif(saved.name).ref.json, .string(saved.primary.rawValue)])
    case .setIPv4(let saved): try await setIPv4(saved, on: try pif(saved.name).ref)
    case .setIPv6(let saved): try await setIPv6(saved, on: try pif(saved.name).ref)
    case .plug(let saved): try await task("PIF.plug", [pif(saved.name).ref.json])
    case .protect(let saved): try await call("PIF.set_disallow_unplug", [pif(saved.name).ref.json, true])
    case .moveManagement(let saved): try await task("host.management_reconfigure", [pif(saved.name).ref.json])
    }
    return nil
  }

  // MARK: Finding things

  func pif(_ name: String) throws(RestoreFailure) -> InterfaceTree.Node {
    guard let node = resolver.node(name) else { throw .missing("\(name) is not there") }
    return node
  }

  private func network(of interface: String) throws(RestoreFailure) -> Ref<Network> {
    let saved = resolver.layout.interface(interface).flatMap { resolver.layout.network($0.network) }
    guard let ref = saved.flatMap({ resolver.network($0.id) }) else {
      throw .missing("\(saved?.title ?? "the network of \(interface)") is not there")
    }
    return ref
  }

  private func row(_ bond: SavedBond) throws(RestoreFailure) -> Ref<Bond> {
    guard let ref = try pif(bond.name).pif.bondMasterOf.first else { throw .missing("\(bond.name) is not there") }
    return ref
  }

  // MARK: Calling

  func call(_ method: String, _ parameters: [JSONValue]) async throws(RestoreFailure) {
    do {
      _ = try await client.call(method, parameters, limit: .seconds(60))
    } catch {
      throw .xapi(error)
    }
  }

  func task(_ method: String, _ parameters: [JSONValue]) async throws(RestoreFailure) {
    switch await client.runTask(method, parameters, progress: progress) {
    case .success: return
    case .failure(let error): throw .xapi(error)
    case .unknown(let error): throw .unknown(error)
    }
  }

  // MARK: Networks

  private func create(_ saved: SavedNetwork) async throws(RestoreFailure) -> Ref<Network>? {
    let record: JSONValue = [
      "name_label": .string(saved.name), "name_description": .string(saved.description), "MTU": .int(saved.mtu),
      "other_config": saved.otherConfig.json, "bridge": "", "managed": true, "tags": saved.tags.json,
    ]
    let ref: Ref<Network>
    do throws(XenError) {
      let answer = try await client.call("network.create", [record], limit: .seconds(60))
      guard let made = answer.string.flatMap({ Ref<Network>($0) }) else {
        throw XenError.nonsense("network.create answered no reference")
      }
      ref = made
    } catch {
      throw .xapi(error)
    }
    for change in saved.afterCreation { try await apply(change, to: ref) }
    return ref
  }

  private func apply(_ change: NetworkChange, to ref: Ref<Network>) async throws(RestoreFailure) {
    switch change {
    case .name(let name): try await call("network.set_name_label", [ref.json, .string(name)])
    case .description(let text): try await call("network.set_name_description", [ref.json, .string(text)])
    case .mtu(let mtu): try await call("network.set_MTU", [ref.json, .int(mtu)])
    case .otherConfig(let key, let value): try await put(key, value, class: "network", ref.json)
    case .addTag(let tag): try await call("network.add_tags", [ref.json, .string(tag)])
    case .addPurpose(let purpose): try await call("network.add_purpose", [ref.json, .string(purpose)])
    case .locking(let mode): try await call("network.set_default_locking_mode", [ref.json, .string(mode.rawValue)])
    }
  }

  /// A key that is there already cannot be added: XAPI wants it removed first.
  private func put(_ key: String, _ value: String, class name: String, _ ref: JSONValue) async throws(RestoreFailure) {
    try await call("\(name).remove_from_other_config", [ref, .string(key)])
    try await call("\(name).add_to_other_config", [ref, .string(key), .string(value)])
  }

  // MARK: Bonds, VLANs

  private func create(_ bond: SavedBond) async throws(RestoreFailure) {
    // The primary member first: XAPI gives the bond the MAC of the first where nothing else decides.
    let members = resolver.members(of: bond)
    let first = members.filter { resolver.savedName(of: $0.ref) == bond.primary }
    let rest = members.filter { node in !first.contains { $0.ref == node.ref } }
    guard !members.isEmpty else { throw .missing("none of the NICs of \(bond.name) is in this host") }
    try await task(
      "Bond.create",
      [
        network(of: bond.name).json, .array((first + rest).map(\.ref.json)), .string(bond.mac),
        .string(bond.mode.rawValue), bond.createProperties.json,
      ])
  }

  private func create(_ vlan: SavedVLAN) async throws(RestoreFailure) {
    let base = try pif(vlan.base)
    if let there = resolver.tree.vlans(on: base.ref).first(where: { $0.pif.vlan == vlan.tag }) {
      let name = resolver.database.networks[there.pif.network]?.nameLabel ?? ""
      throw .missing("\(there.name) is there already, but on network \"\(name)\"")
    }
    try await create(vlan, base.ref, try network(of: vlan.name))
  }

  private func create(
    _ vlan: SavedVLAN, _ base: Ref<PIF>, _ network: Ref<Network>
  ) async throws(RestoreFailure) {
    try await task("VLAN.create", [base.json, .int(vlan.tag), network.json])
  }

  /// Destroys a VLAN and makes it on the layout's network; should that fail, makes it where it was.
  private func replace(_ vlan: SavedVLAN) async throws(RestoreFailure) {
    let base = try pif(vlan.base)
    guard let old = resolver.node(vlan.name), let row = old.pif.vlanMasterOf, let oldNetwork = old.pif.network else {
      return try await create(vlan)
    }
    let network = try network(of: vlan.name)
    guard let settings = resolver.layout.interface(vlan.name) else {
      throw .missing("\(vlan.name) is not in the layout")
    }
    if old.pif.management { try await call("host.management_disable", []) }
    do throws(RestoreFailure) {
      try await task("VLAN.destroy", [row.json])
    } catch {
      if old.pif.management { try? await task("host.management_reconfigure", [old.ref.json]) }
      throw error
    }
    do throws(RestoreFailure) {
      try await create(vlan, base.ref, network)
      if old.pif.management { try await manage(vlan, as: settings) }
    } catch {
      await putBack(vlan, base.ref, oldNetwork, SavedInterface(old, network: ""), wasManagement: old.pif.management)
      throw error
    }
  }

  /// Gives a VLAN that was made anew its address and makes it the management interface.
  private func manage(_ vlan: SavedVLAN, as settings: SavedInterface) async throws(RestoreFailure) {
    let fresh = try await resolver.refreshed(client, host: host)
    guard let node = fresh.node(vlan.name) else { throw .missing("\(vlan.name) is not there") }
    if settings.ipv4.mode != .none { try await setIPv4(settings, on: node.ref) }
    if settings.ipv6.mode != .none { try await setIPv6(settings, on: node.ref) }
    try await task("host.management_reconfigure", [node.ref.json])
  }

  private func putBack(
    _ vlan: SavedVLAN, _ base: Ref<PIF>, _ network: Ref<Network>, _ was: SavedInterface, wasManagement: Bool
  ) async {
    do throws(RestoreFailure) {
      let fresh = try await resolver.refreshed(client, host: host)
      if let row = fresh.node(vlan.name)?.pif.vlanMasterOf { try await task("VLAN.destroy", [row.json]) }
      try await create(vlan, base, network)
      if wasManagement { try await manage(vlan, as: was) }
    } catch {
      // The step has failed already, and is told with its own reason.
    }
  }

  // MARK: Settings

  private func set(_ values: [String: String], of owner: ConfigOwner) async throws(RestoreFailure) {
    let (name, ref): (String, JSONValue?)
    switch owner {
    case .interface(let saved): (name, ref) = ("PIF", try pif(saved.name).ref.json)
    case .bond(let saved): (name, ref) = ("Bond", try row(saved).json)
    case .vlan(let saved): (name, ref) = ("VLAN", try pif(saved.name).pif.vlanMasterOf?.json)
    case .tunnel(let saved): (name, ref) = ("tunnel", try pif(saved.name).pif.tunnelAccessPIFOf.first?.json)
    }
    guard let ref else { throw .missing("its row is not there") }
    for (key, value) in values.sorted(by: { $0.key < $1.key }) { try await put(key, value, class: name, ref) }
    // Plugging again what is plugged makes it take effect. A bond's member is plugged with its bond.
    guard case .interface(let saved) = owner else { return }
    let own = try pif(saved.name)
    let node = resolver.tree.bond(ofMember: own.ref) ?? own
    let waits = resolver.layout.bond(ofMember: saved.name) != nil && node.kind == .nic
    if node.pif.currentlyAttached, !waits { try await task("PIF.plug", [node.ref.json]) }
  }

  func setIPv4(_ saved: SavedInterface, on ref: Ref<PIF>) async throws(RestoreFailure) {
    let isStatic = saved.ipv4.mode == .static
    try await task(
      "PIF.reconfigure_ip",
      [
        ref.json, .string(saved.ipv4.mode.rawValue), .string(isStatic ? saved.ipv4.address : ""),
        .string(isStatic ? saved.ipv4.netmask : ""), .string(isStatic ? saved.ipv4.gateway : ""),
        .string(isStatic ? saved.dns4.joined(separator: ",") : ""),
      ])
  }

  func setIPv6(_ saved: SavedInterface, on ref: Ref<PIF>) async throws(RestoreFailure) {
    let isStatic = saved.ipv6.mode == .static
    try await task(
      "PIF.reconfigure_ipv6",
      [
        ref.json, .string(saved.ipv6.mode.rawValue), .string(isStatic ? saved.ipv6.addresses.first ?? "" : ""),
        .string(isStatic ? saved.ipv6.gateway : ""), .string(isStatic ? saved.dns6.joined(separator: ",") : ""),
      ])
  }
}

extension LayoutResolver {
  /// The same on the database as it is now.
  func refreshed(_ client: XenClient, host: Ref<Host>) async throws(RestoreFailure) -> LayoutResolver {
    var reader = DatabaseReader(client)
    let database: XenDatabase
    do {
      database = try await reader.read()
    } catch {
      throw .xapi(error)
    }
    return LayoutResolver(self, database, host: host)
  }
}
