import Dom0
import JSON
import XenAPI

/// Looks up the facts about this host's services.
public struct ServicesLook: Sendable {
  private static let limit = Duration.seconds(5)

  private let client: XenClient
  private let system: HostSystem

  public init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  /// - Parameter early: told what the host's own files and tools tell, when XAPI has not answered by then.
  public func facts(early: @Sendable (ServicesFacts) -> Void = { _ in }) async -> ServicesFacts {
    async let told = xapi()
    var facts = await local()
    early(facts)
    facts.xapi = await told
    return facts
  }

  /// Without XAPI.
  public func local() async -> ServicesFacts {
    async let time = Self.time(on: system)
    async let access = Self.access(on: system)
    var facts = ServicesFacts()
    facts.hostname = ((try? system.hostname()) ?? nil) ?? ""
    do throws(HostFileError) {
      let resolver = try ResolvConf(of: system)
      (facts.nameServers, facts.searchDomains) = (resolver.nameServers, resolver.searchDomains)
    } catch {
      facts.resolverProblem = "\(error)"
    }
    facts.session = .current
    facts.time = await time
    facts.access = await access
    return facts
  }

  // MARK: XAPI

  private func xapi() async -> ServicesFacts.XAPI {
    do {
      let facts = try await ChangeLook(client, system).facts()
      return .answers(facts, try await services(of: facts.host))
    } catch let problem as ChangeProblem {
      return .silent(problem.text)
    } catch {
      return .silent("\(error)")
    }
  }

  /// Asks for the host's record as it comes: the fields are newer than the data model.
  func services(of host: Ref<Host>) async throws(XenError) -> HostServices {
    let record = try await client.call("host.get_record", [host.json], limit: Self.limit)
    guard let uuid = record["uuid"]?.string else { throw .nonsense("a host without a uuid") }
    return HostServices(record, uuid: uuid)
  }

  // MARK: The clock

  static func time(on system: HostSystem) async -> TimeFacts {
    var facts = TimeFacts()
    if !system.exists(TimeConf.chronyPath), system.exists(TimeConf.ntpPath) { facts.daemon = .ntpd }
    let daemon = facts.daemon
    async let unit = try? SystemUnit.all([daemon.unit], on: system).first
    async let state = state(of: daemon, on: system)
    do throws(HostFileError) {
      let conf = try TimeConf(of: system)
      (facts.servers, facts.readsDHCPFolder) = (conf.servers, conf.readsDHCPFolder)
    } catch {
      facts.fileProblem = "\(error)"
    }
    facts.usesDHCP = (try? TimeConf.usesDHCP(on: system, hook: daemon.hook)) ?? false
    facts.dhcpServers = TimeConf.dhcpServers(on: system).map(\.host)
    facts.factory = FactoryServers.of(system)
    facts.hasConfiguredFactory = FactoryServers.configured(system) != nil
    facts.unit = await unit
    (facts.sources, facts.tracking, facts.sourcesProblem) = await state
    return facts
  }

  private static func state(
    of daemon: TimeFacts.Daemon, on system: HostSystem
  ) async -> ([TimeSource], ChronyTracking?, String?) {
    do throws(LiveFailure) {
      if daemon == .ntpd { return (try await NTPPeer.all(on: system).map { TimeSource($0) }, nil, nil) }
      let sources = try await ChronySource.all(on: system).map { TimeSource($0) }
      return (sources, try? await ChronyTracking.now(on: system), nil)
    } catch {
      return ([], nil, "\(error)")
    }
  }

  // MARK: Remote access

  static func access(on system: HostSystem) async -> AccessFacts {
    var facts = AccessFacts()
    do throws(LiveFailure) {
      let units = try await SystemUnit.all([AccessFacts.unit, AccessFacts.monitor], on: system)
      (facts.ssh, facts.monitor) = (units.first, units.last)
    } catch {
      facts.unitsProblem = "\(error)"
    }
    do throws(HostFileError) {
      let (keys, problems) = try SSHHostKey.all(on: system)
      (facts.hostKeys, facts.keysProblem) = (keys, problems.first.map { "\($0)" })
    } catch {
      facts.keysProblem = "\(error)"
    }
    do throws(HostFileError) {
      facts.certificate = try HostCertificate(of: system)
    } catch {
      facts.certificateProblem = "\(error)"
    }
    return facts
  }
}

extension HostServices {
  init(_ record: JSONValue, uuid: String) {
    self.init(uuid: uuid, label: record["name_label"]?.string ?? "", hostname: record["hostname"]?.string ?? "")
    ntpMode = record["ntp_mode"]?.string
    ntpServers = record["ntp_custom_servers"]?.array?.compactMap(\.string) ?? []
    isSSHOn = record["ssh_enabled"]?.bool
    sshTimeout = record["ssh_enabled_timeout"]?.int
    sshAutoMode = record["ssh_auto_mode"]?.bool
    let expiry = record["ssh_expiry"]?.string.flatMap { XenDate($0) }
    sshExpiry = expiry.flatMap { $0 > .never ? $0.seconds : nil }
  }
}

/// The time servers a product ships with.
enum FactoryServers {
  private static let folder = "/etc/xapi.conf.d"

  static func of(_ system: HostSystem) -> [String] {
    if let told = configured(system) { return told }
    let brand = (try? Inventory(of: system))?["PRODUCT_BRAND"] ?? "XCP-ng"
    let zone = brand.lowercased().contains("xcp") ? "xcpng" : "xenserver"
    return (0...3).map { "\($0).\(zone).pool.ntp.org" }
  }

  /// What XAPI is told to take for them; nil when it is told nothing.
  static func configured(_ system: HostSystem) -> [String]? {
    let names = ((try? system.names(in: folder)) ?? []).filter { $0.hasSuffix(".conf") }
    var found: [String]?
    for path in ["/etc/xapi.conf"] + names.map({ "\(folder)/\($0)" }) {
      guard let text = try? system.text(path, limit: 1 << 18) else { continue }
      for line in text.split(whereSeparator: \.isNewline) {
        let parts = line.split(separator: "=", maxSplits: 1).map { $0.split(whereSeparator: \.isWhitespace) }
        guard parts.count == 2, parts[0] == ["factory-ntp-servers"] else { continue }
        found = parts[1].map { String($0) }
      }
    }
    return found.flatMap { $0.isEmpty ? nil : $0 }
  }
}
