/// A way to another network, as XAPI keeps it of a network: `10.20.0.0/16/10.10.4.254` (`reference/dom0.md` §3.5).
public struct StaticRoute: Hashable, Sendable {
  /// Where it leads: the first address of that network, and its length.
  public let destination: IPv4Prefix
  public let gateway: IPv4Address

  /// - Parameter destination: any address of the network; bits behind the prefix are cleared.
  public init(_ destination: IPv4Prefix, via gateway: IPv4Address) {
    self.destination = IPv4Prefix(destination.network, length: destination.length)
    self.gateway = gateway
  }

  /// As an item of `other-config:static-routes`.
  public var item: String { "\(destination)/\(gateway)" }

  public var isDefault: Bool { destination.length == 0 }
}

extension StaticRoute: CustomStringConvertible {
  /// `10.20.0.0/16 via 10.10.4.254`
  public var description: String { "\(destination) via \(gateway)" }
}

/// One item of `other-config:static-routes`, as it stands there.
public struct RouteItem: Hashable, Sendable {
  public enum Problem: Hashable, Sendable {
    /// XAPI cannot read it, and drops every route of the network for it.
    case voids(String)
    /// XAPI passes it on, and the kernel refuses it alone.
    case refused(String)
    /// Not for this program, which looks after IPv4 only: it is kept as it is.
    case foreign(String)

    public var text: String {
      switch self {
      case .voids(let text), .refused(let text), .foreign(let text): text
      }
    }
  }

  public let text: String
  /// nil when there is a problem.
  public let route: StaticRoute?
  public let problem: Problem?
  /// What it was surely meant to be; nil when that cannot be told.
  public let meant: StaticRoute?

  public init(_ text: String) {
    self.text = text
    do throws(RouteMistake) {
      route = try StaticRoute(parsing: text)
      problem = nil
      meant = nil
    } catch {
      route = nil
      problem = error.problem
      meant = error.meant
    }
  }

  public var voids: Bool { if case .voids = problem { true } else { false } }
  public var isForeign: Bool { if case .foreign = problem { true } else { false } }
}

/// Why a text is no static route.
struct RouteMistake: Error, Hashable, Sendable {
  var problem: RouteItem.Problem
  var meant: StaticRoute?
}

extension StaticRoute {
  /// Reads an item as XAPI does: an IPv4 address, a length in digits and a gateway, without blanks. What the kernel takes of
  /// it is checked as well.
  init(parsing text: String) throws(RouteMistake) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    guard !text.isEmpty else { throw Self.mistake("an empty item: a comma too many", text) }
    guard !text.contains(where: \.isWhitespace) else { throw Self.mistake("there is a blank in it", text) }
    guard parts.count == 3 else { throw Self.mistake("it is not NETWORK/LENGTH/GATEWAY, such as 10.20.0.0/16/10.10.4.254", text) }
    if let six = IPv6Address(parts[0]), IPv6Address(parts[2]) != nil, let length = Int(parts[1]), (0...128).contains(length) {
      throw RouteMistake(problem: .foreign("a way to the IPv6 network \(six)/\(length): XAPI passes it on"), meant: nil)
    }
    let address: IPv4Address
    let gateway: IPv4Address
    do { address = try IPv4Address(parsing: parts[0]) } catch { throw Self.mistake("\(parts[0]): \(error)", text) }
    guard !parts[1].isEmpty, parts[1].utf8.count <= 9, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1])
    else { throw Self.mistake("\(parts[1].isEmpty ? "the length is missing" : "\(parts[1]) is not a length in digits, such as 24")", text) }
    do { gateway = try IPv4Address(parsing: parts[2]) } catch { throw Self.mistake("gateway \(parts[2]): \(error)", text) }
    guard length <= 32 else { throw RouteMistake(problem: .refused("a length is at most 32"), meant: nil) }
    let prefix = IPv4Prefix(address, length: length)
    self.init(prefix, via: gateway)
    guard prefix.network == address else {
      throw RouteMistake(problem: .refused("\(address) is not the first address of a /\(length): that is \(prefix.network)"), meant: self)
    }
  }

  private static func mistake(_ why: String, _ text: String) -> RouteMistake {
    RouteMistake(problem: .voids(why), meant: meant(by: text))
  }

  /// Reads generously: blanks, a netmask in place of the length, bits of a host, the words of `ip route`.
  static func meant(by text: String) -> StaticRoute? {
    let words = text.split { $0.isWhitespace || $0 == "/" }.map { String($0) }.filter { $0 != "via" }
    guard words.count == 3, let address = IPv4Address(words[0]), let length = try? IPv4Prefix.length(ofNetmask: words[1]),
      let gateway = IPv4Address(words[2])
    else { return nil }
    return StaticRoute(IPv4Prefix(address, length: length), via: gateway)
  }
}

/// The value of `other-config:static-routes`: its items in order, good and bad.
public struct RouteRecord: Hashable, Sendable {
  public var items: [RouteItem]

  public init(items: [RouteItem]) { self.items = items }

  /// - Parameter text: nil and empty are no routes at all.
  public init(_ text: String?) {
    guard let text, !text.isEmpty else {
      items = []
      return
    }
    items = text.split(separator: ",", omittingEmptySubsequences: false).map { RouteItem(String($0)) }
  }

  /// nil when there is none: the key is then left out.
  public var text: String? { items.isEmpty ? nil : items.map(\.text).joined(separator: ",") }

  /// An item that XAPI cannot read: it drops them all.
  public var isVoid: Bool { items.contains(where: \.voids) }

  public var routes: [StaticRoute] { items.compactMap(\.route) }

  /// What XAPI tells the network daemon of it.
  public var inForce: [StaticRoute] { isVoid ? [] : routes }

  /// With bad items mended where it is clear what was meant, and left out where it is not. Of several ways to one network the
  /// last one stays, as in the kernel.
  public var mended: RouteRecord {
    var kept: [(item: RouteItem, route: StaticRoute?)] = []
    for item in items {
      if item.isForeign { kept.append((item, nil)) }
      guard let route = item.route ?? item.meant else { continue }
      kept.removeAll { $0.route?.destination == route.destination }
      kept.append((RouteItem(route.item), route))
    }
    return RouteRecord(items: kept.map(\.item))
  }
}
