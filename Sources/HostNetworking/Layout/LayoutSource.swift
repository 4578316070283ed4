import Dom0
import XenAPI

/// Takes a host's layout from the best source that answers: XAPI, its database on disk, the network daemon's file.
public struct LayoutSource: Sendable {
  private let client: XenClient?
  private let system: HostSystem

  /// - Parameter client: nil when XAPI is known to be dead.
  public init(client: XenClient?, system: HostSystem) {
    self.client = client
    self.system = system
  }

  /// - Parameters:
  ///   - at: now, in seconds since 1970.
  ///   - why: `before a network reset`, `asked for`.
  ///   - limit: how long XAPI may take to answer.
  public func take(at: Int64, why: String, limit: Duration = .seconds(10)) async throws(LayoutError) -> NetworkLayout {
    var reasons: [String] = []
    if let client {
      do {
        return try await fromXAPI(client, at: at, why: why, limit: limit)
      } catch {
        reasons.append("\(error)")
      }
    }
    return try fromFiles(at: at, why: why, reasons: reasons)
  }

  /// This host in a database: the one whose uuid is in the inventory, else the one that the session is of.
  public static func thisHost(
    in database: XenDatabase, _ client: XenClient, _ system: HostSystem, limit: Duration = .seconds(10)
  ) async -> Ref<Host>? {
    let uuid = (try? Inventory(of: system))?.installationUUID
    if let uuid, let found = database.hosts.all.first(where: { $0.record.uuid == uuid }) { return found.ref }
    guard let session = await client.currentSession else { return nil }
    let answer = try? await client.call("session.get_this_host", [.string(session)], limit: limit)
    return answer?.string.flatMap { Ref<Host>($0) }
  }

  private struct Silent: Error, CustomStringConvertible { let description: String }

  private func fromXAPI(_ client: XenClient, at: Int64, why: String, limit: Duration) async throws -> NetworkLayout {
    var reader = DatabaseReader(client)
    let database = try await reader.read(limit: limit)
    guard let host = await Self.thisHost(in: database, client, system, limit: limit) else {
      throw Silent(description: "XAPI does not know this host")
    }
    return try NetworkLayout(database, host: host, at: at, why: why)
  }

  // MARK: Without XAPI

  /// - Parameter reasons: why better sources gave nothing.
  func fromFiles(at: Int64, why: String, reasons: [String] = []) throws(LayoutError) -> NetworkLayout {
    var reasons = reasons
    let inventory = noting(&reasons) { () throws(HostFileError) in try Inventory(of: system) }
    let daemon = noting(&reasons) { () throws(HostFileError) in try NetworkdDB(of: system) }
    if let uuid = inventory?.installationUUID,
      let database = noting(&reasons, { () throws(HostFileError) in try XapiDatabase(of: system) })
    {
      do {
        var layout = try NetworkLayout(saved: database, host: uuid, at: at, why: why)
        layout.complete(with: daemon, inventory, system)
        layout.taken.missing += reasons
        return layout
      } catch {
        reasons.append("\(error) (in \(database.path))")
      }
    }
    guard let daemon else { throw .nothingToSave(reasons: reasons) }
    var layout = NetworkLayout(daemon: daemon, inventory: inventory, of: system, at: at, why: why)
    if layout.interfaces.isEmpty {
      throw .nothingToSave(reasons: reasons + ["\(NetworkdDB.path) has no interface"])
    }
    layout.taken.missing += reasons
    return layout
  }

  private func noting<Value>(
    _ reasons: inout [String], _ read: () throws(HostFileError) -> Value
  ) -> Value? {
    do {
      return try read()
    } catch {
      reasons.append("\(error)")
      return nil
    }
  }
}

extension NetworkLayout {
  /// Where the saved database and the network daemon do not agree on an address, the daemon's counts: that is what the
  /// host is configured with. A member's copy of the database can be a day old.
  fileprivate mutating func complete(with daemon: NetworkdDB?, _ inventory: Inventory?, _ system: HostSystem) {
    for index in nics.indices { nics[index].readSlot(system) }
    if let bridge = inventory?.managementInterface, !bridge.isEmpty,
      let real = interfaces.first(where: { network($0.network)?.bridge == bridge }), real.name != management
    {
      management = real.name
      taken.missing.append("management is taken from \(Inventory.path): \(real.name)")
    }
    guard let daemon else { return }
    for index in interfaces.indices {
      let saved = interfaces[index]
      guard bond(ofMember: saved.name) == nil, let bridge = network(saved.network)?.bridge,
        let settings = daemon.interface(bridge)
      else { continue }
      var real = saved
      real.take(settings)
      // The daemon puts name servers on one interface only; those of others are in the database.
      if real.dns.isEmpty || real.hasSameIPv4Address(as: saved) { real.dns = saved.dns }
      real.otherConfig = saved.otherConfig.merging(real.otherConfig) { old, _ in old }
      // It knows nothing of what is not plugged, and nothing new of a lease.
      if real.ipv4.mode == .none || real.hasSameIPv4(as: saved) { real.ipv4 = saved.ipv4 }
      if real.ipv6.mode == .none || real.hasSameIPv6(as: saved) { real.ipv6 = saved.ipv6 }
      guard !real.hasSameIPv4(as: saved) || !real.hasSameIPv6(as: saved), daemon.bridge(bridge) != nil else { continue }
      interfaces[index] = real
      taken.missing.append("the address of \(saved.name) is taken from \(NetworkdDB.path)")
    }
  }
}

extension SavedInterface {
  fileprivate func hasSameIPv4Address(as other: SavedInterface) -> Bool {
    ipv4.mode == other.ipv4.mode && ipv4.address == other.ipv4.address
  }
}
