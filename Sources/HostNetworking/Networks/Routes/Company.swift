import Dom0
import XenAPI

/// Whom this host talks to, and over which way of the kernel: what it cannot do without. IPv4 only.
struct Company: Sendable {
  struct Member: Hashable, Sendable {
    let address: IPv4Address
    /// `you (10.0.4.77)`, `xcp2 (10.0.4.12)`.
    let name: String
  }

  /// A way to a network: on a link, or through a gateway.
  private struct Way: Hashable {
    let destination: IPv4Prefix
    let device: String
    let gateway: String?
  }

  let members: [Member]
  private let ways: [Way]

  /// - Parameter rows: the kernel's routes; nil: what is known of its addresses has to do.
  init(_ facts: ChangeFacts?, session: ChangeFacts.Session, rows: [IPRoute]?) {
    var members = session.peer.flatMap { IPv4Address($0) }.map { [Member(address: $0, name: "you (\($0))")] } ?? []
    if let facts {
      for (ref, host) in facts.database.hosts.all where ref != facts.host {
        if let address = IPv4Address(host.address) { members.append(Member(address: address, name: "\(host.nameLabel) (\(address))")) }
      }
      members += facts.nameServers.compactMap { IPv4Address($0) }.map { Member(address: $0, name: "DNS server \($0)") }
      members += facts.storage.map { Member(address: $0.address, name: "storage \"\($0.name)\" (\($0.address))") }
      if let gateway = InterfaceTree(facts.database, host: facts.host).management.flatMap({ IPv4Address($0.pif.gateway) }) {
        members.append(Member(address: gateway, name: "management's gateway \(gateway)"))
      }
    }
    self.members = members
    if let rows {
      ways = rows.compactMap { row in
        guard row.family == .v4, row.kind == nil else { return nil }
        // The default route has none.
        let text = row.destination ?? "0.0.0.0/0"
        guard let prefix = try? IPv4Prefix(parsing: text.contains("/") ? text : text + "/32") else { return nil }
        return Way(destination: prefix, device: row.device ?? "", gateway: row.gateway)
      }
    } else {
      ways = (facts?.addresses ?? [:]).flatMap { device, addresses in
        addresses.compactMap { try? IPv4Prefix(parsing: $0) }.map { Way(destination: IPv4Prefix($0.network, length: $0.length), device: device, gateway: nil) }
      }
    }
  }

  /// The way that the kernel takes.
  private func best(_ address: IPv4Address) -> Way? {
    ways.filter { $0.destination.contains(address) }.max { $0.destination.length < $1.destination.length }
  }

  /// Those that would be reached another way once there is one to this network.
  /// - Parameters:
  ///   - device: where it leads out.
  ///   - gateway: nil on the link itself.
  func moved(by destination: IPv4Prefix, on device: String, via gateway: IPv4Address?) -> [String] {
    members.filter { member in
      guard destination.contains(member.address) else { return false }
      guard let best = best(member.address) else { return true }
      if best.device == device, best.gateway == gateway.map({ "\($0)" }) { return false }
      return destination.length >= best.destination.length
    }.map(\.name)
  }

  /// Those that are reached by one of these ways at present.
  func reached(by routes: [KernelRoute]) -> [String] {
    let gone = Set(routes.map { Way(destination: $0.route.destination, device: $0.device, gateway: "\($0.route.gateway)") })
    return members.filter { best($0.address).map(gone.contains) ?? false }.map(\.name)
  }
}
