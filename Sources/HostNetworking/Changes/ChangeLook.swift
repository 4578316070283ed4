import Dom0
import Glibc
import XenAPI

/// Looks up what plans are made from.
public struct ChangeLook: Sendable {
  /// How long XAPI may take.
  private static let limit = Duration.seconds(10)

  private static let classes = DatabaseReader.networking + ["vm", "vif", "host_metrics"]

  let client: XenClient
  let system: HostSystem
  private let known: KnownDatabase?

  /// - Parameter known: what is known of XAPI's database already: only what has changed since is asked for then.
  public init(_ client: XenClient, _ system: HostSystem, known: KnownDatabase? = nil) {
    self.client = client
    self.system = system
    self.known = known
  }

  /// One cause, said once.
  static func words(_ error: XenError) -> String {
    switch error {
    case .transport(.absent): "XAPI must answer for this, and its socket is not there"
    case .transport(.refused): "XAPI must answer for this, and nobody listens on its socket"
    default: "XAPI must answer for this: \(error)"
    }
  }

  public func facts() async throws(ChangeProblem) -> ChangeFacts {
    var reader = known?.reader(client, classes: Self.classes) ?? DatabaseReader(client, classes: Self.classes)
    let database: XenDatabase
    do {
      database = try await reader.read(limit: Self.limit)
    } catch {
      throw ChangeProblem(
        Self.words(error),
        remedy: "Wait for it, restart the toolstack, or use the emergency network reset")
    }
    guard let host = await LayoutSource.thisHost(in: database, client, system, limit: Self.limit) else {
      throw ChangeProblem("XAPI answers, but does not know this host")
    }
    var facts = ChangeFacts(database: database, host: host)
    async let clustered = clustered()
    async let devices = try? IPDevice.all(on: system)
    facts.isHAArmed = (try? LocalDB(of: system).isHAArmed) ?? false
    if let resolver = try? ResolvConf(of: system) {
      facts.nameServers = resolver.nameServers
      facts.searchDomains = resolver.searchDomains
    }
    let ipv6Switch = try? system.text("/proc/sys/net/ipv6/conf/all/disable_ipv6", limit: 16)
    facts.isIPv6Off = ipv6Switch?.hasPrefix("1") == true
    facts.hostname = ((try? system.hostname()) ?? nil) ?? ""
    facts.session = .current
    facts.clustered = await clustered
    facts.addresses = await devices.map { devices in
      Dictionary(
        devices.map { device in (device.name, device.addresses.map { "\($0.address)/\($0.prefixLength)" }) },
        uniquingKeysWith: { first, _ in first })
    }
    return facts
  }

  private func clustered() async -> Set<Ref<PIF>>? {
    guard let rows = try? await client.call("Cluster_host.get_all_records", limit: Self.limit).object else { return nil }
    return Set(
      rows.values.filter { $0["enabled"]?.bool == true }
        .compactMap { $0["PIF"]?.string.flatMap { Ref<PIF>($0) } })
  }
}

extension ChangeFacts.Session {
  /// That of this process.
  public static var current: ChangeFacts.Session {
    var session = ChangeFacts.Session()
    // SSH_CONNECTION: client address, client port, server address, server port.
    if let words = text("SSH_CONNECTION")?.split(separator: " "), words.count == 4 {
      session.peer = String(words[0])
      session.local = String(words[2])
    }
    var name = [CChar](repeating: 0, count: 128)
    if ttyname_r(STDIN_FILENO, &name, name.count) == 0 {
      let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      session.terminal = path.hasPrefix("/dev/") ? String(path.dropFirst(5)) : path
    }
    session.user = text("SUDO_USER") ?? text("LOGNAME") ?? "root"
    return session
  }

  private static func text(_ variable: String) -> String? {
    getenv(variable).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
