import Dom0
import HostNetworking
import JSON
import TerminalUI
import XenAPI

extension RouteCommand.List {
  func run(on standard: Standard) throws -> Int32 {
    let table = try RouteDesk(host).table()
    if json { standard.say(RoutePaper(table).json.description) } else { RoutePaper(table).lines.forEach { standard.say($0) } }
    return table.rows.contains { $0.state.isTrouble } || table.silence != nil || table.kernelProblem != nil ? 1 : 0
  }
}

extension RouteCommand.Add {
  func run(on standard: Standard) throws -> Int32 {
    let desk = RouteDesk(host)
    let request = RouteRequest(
      network: try desk.network(network).uuid, adds: [try RouteDesk.route(destination, gateway)], way: way.apply)
    return try PlanRunner(host: host, options: plan, standard: standard).run(.routes(.change(request)))
  }
}

extension RouteCommand.Change {
  func run(on standard: Standard) throws -> Int32 {
    let desk = RouteDesk(host)
    let network = try desk.network(network)
    let request = RouteRequest(
      network: network.uuid, adds: [try RouteDesk.route(destination, gateway)], drops: [try desk.item(old, of: network)], way: way.apply)
    return try PlanRunner(host: host, options: plan, standard: standard).run(.routes(.change(request)))
  }
}

extension RouteCommand.Remove {
  func run(on standard: Standard) throws -> Int32 {
    let desk = RouteDesk(host)
    let network = try desk.network(network)
    let request = RouteRequest(
      network: network.uuid, drops: [try desk.item(route, of: network)], way: way.apply, clears: !keepInKernel)
    return try PlanRunner(host: host, options: plan, standard: standard).run(.routes(.change(request)))
  }
}

extension RouteCommand.Mend {
  func run(on standard: Standard) throws -> Int32 {
    let request = RouteRequest(network: try RouteDesk(host).network(network).uuid, mends: true, way: way.apply)
    return try PlanRunner(host: host, options: plan, standard: standard).run(.routes(.change(request)))
  }
}

extension RouteCommand.Apply {
  func run(on standard: Standard) throws -> Int32 {
    if way.apply == .later { throw Failure(text: "--apply later applies nothing: plug or toolstack", code: 2) }
    let uuid = try RouteDesk(host).network(network).uuid
    return try PlanRunner(host: host, options: plan, standard: standard).run(.routes(.apply(network: uuid, way.apply)))
  }
}

extension RouteCommand.Clear {
  func run(on standard: Standard) throws -> Int32 {
    let left = try RouteDesk(host).table().leftOvers
    let chosen = all ? left : left.filter { route in destinations.contains { RouteDesk.means($0, route.route) } }
    if let unknown = destinations.first(where: { text in !left.contains { RouteDesk.means(text, $0.route) } }) {
      throw Failure(text: "\(unknown) is not left over in the kernel; xcpconsole route list tells what is")
    }
    return try PlanRunner(host: host, options: plan, standard: standard).run(.routes(.clear(chosen)))
  }
}

/// Finds what is named on the command line.
private struct RouteDesk {
  private let host: HostOptions

  init(_ host: HostOptions) { self.host = host }

  func table() throws -> RouteTable {
    let system = try host.checked()
    let client = try host.client()
    defer { _ = try? waiting { await client.logout() } }
    return try waiting { await RouteTable.look(client, system) }
  }

  func network(_ text: String) throws -> RouteTable.Network {
    let table = try table()
    do throws(ChangeProblem) { return try table.network(named: text) } catch { throw Failure(text: "\(error)") }
  }

  /// The item of a network's record that somebody means: the item itself, or its destination.
  func item(_ text: String, of network: RouteTable.Network) throws -> String {
    let rows = try table().rows.filter { $0.network == network.uuid }
    if rows.contains(where: { $0.text == text }) { return text }
    let found = rows.filter { $0.route.map { Self.means(text, $0) } ?? false }
    guard found.count == 1, let row = found.first else {
      throw Failure(text: "\(network.name) has no route \(text); it has: \(rows.isEmpty ? "none" : rows.map(\.text).joined(separator: ", "))")
    }
    return row.text
  }

  static func means(_ text: String, _ route: StaticRoute) -> Bool { text == "\(route.destination)" || text == route.item || text == "\(route)" }

  static func route(_ destination: String, _ gateway: String) throws -> StaticRoute {
    do throws(AddressError) {
      let prefix = try IPv4Prefix(parsing: destination)
      guard prefix.network == prefix.address else {
        throw AddressError("the first address of that network is \(prefix.network): give \(prefix.network)/\(prefix.length)")
      }
      return StaticRoute(prefix, via: try IPv4Address(parsing: gateway))
    } catch {
      throw Failure(text: "\(destination) via \(gateway): \(error)", code: 2)
    }
  }
}

/// The routes for people and for programs.
private struct RoutePaper {
  private let table: RouteTable

  init(_ table: RouteTable) { self.table = table }

  var lines: [String] {
    var lines: [String] = []
    if let silence = table.silence { lines.append("XAPI does not answer (\(silence)): this is what the network daemon's file says.") }
    if let problem = table.kernelProblem { lines.append("What the kernel has is not known: \(problem)") }
    if table.rows.isEmpty { return lines + ["There are no static routes."] }
    for row in table.rows {
      let place = row.interface.isEmpty ? row.name : "\(row.name) (\(row.interface))"
      let route = row.route.map { "\($0)" } ?? (row.text.isEmpty ? "(empty)" : row.text)
      lines.append("\(row.state.word.fitted(to: 10))\(route.fitted(to: 38)) \(place)")
      if let reason = Self.reason(row.state) { lines.append("          \(reason)") }
      if let meant = row.meant { lines.append("          surely meant: \(meant.item)") }
    }
    return lines
  }

  private static func reason(_ state: RouteTable.State) -> String? {
    switch state {
    case .missing(let why), .differs(let why): why
    case .bad(.voids(let why)): "\(why): XAPI drops all routes of this network"
    case .bad(.refused(let why)): "the kernel refuses it: \(why)"
    case .bad(.foreign(let what)): what
    case .inForce, .leftOver, .unknown: nil
    }
  }

  var json: JSONValue {
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    return [
      "xapi": text(table.silence), "kernel": text(table.kernelProblem),
      "routes": .array(
        table.rows.map { row in
          [
            "network": text(row.network), "name": .string(row.name), "bridge": .string(row.bridge),
            "interface": text(row.interface.isEmpty ? nil : row.interface), "item": .string(row.text),
            "destination": text(row.route.map { "\($0.destination)" }), "gateway": text(row.route.map { "\($0.gateway)" }),
            "state": .string(row.state.word.lowercased()), "why": text(Self.reason(row.state)),
            "meant": text(row.meant?.item), "elsewhere": .array(row.elsewhere.map { .string($0) }),
          ]
        }),
    ]
  }
}
