import Dom0
import Glibc
import XenAPI

/// The hosts of a pool beside each other, device name by device name, with what differs.
public struct PoolComparison: Hashable, Sendable {
  public struct Host: Hashable, Sendable {
    public var name: String
    public var isHere: Bool
    public var isCoordinator: Bool
    /// XAPI hears of it. Of one that is not heard of neither links nor what is plugged are compared.
    public var isLive: Bool
  }

  /// What of a device may differ.
  public enum Aspect: Int, Hashable, Sendable, Comparable {
    case presence, name, link, network, mode, members, properties, vlans, plugged, mtu, card, driver, slot, address, management

    public static func < (left: Aspect, right: Aspect) -> Bool { left.rawValue < right.rawValue }
  }

  /// One thing that is said of a device of a host.
  public struct Part: Hashable, Sendable {
    public var aspect: Aspect
    public var text: String
    /// The others have it otherwise.
    public var differs = false
  }

  /// A device name, or the VLANs on one, over all hosts.
  public struct Row: Hashable, Sendable {
    public var name: String
    /// One for each host. Empty where the host has no such device.
    public var cells: [[Part]]

    public var differs: Bool { cells.contains { $0.contains(where: \.differs) } }
  }

  /// Where it is known from.
  public enum Source: Hashable, Sendable {
    case xapi
    /// XAPI's database as it was saved on this host, in seconds since 1970, and why XAPI could not be asked.
    case saved(at: Int64, because: String)
  }

  public var source = Source.xapi
  /// In the order of names.
  public var hosts: [Host] = []
  public var rows: [Row] = []
  /// What weighs most first.
  public var differences: [PoolDifference] = []

  /// There is nothing to compare with.
  public var isAlone: Bool { hosts.count < 2 }
  /// More than what is merely worth knowing.
  public var isUneven: Bool { differences.contains { $0.weight > .notice } }
}

/// Something in which hosts of a pool differ, told once with its cause.
public struct PoolDifference: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case order, network, missing, extra, card, driver, speed, slot, link
    case bondName = "bond name"
    case mode, properties, members
    case memberSpeed = "member speed"
    case vlans, tag, base, mtu, unplugged, address, gateway, netmask
    case sameAddress = "same address"
    case sameSubnet = "same subnet"
    case unplugAllowed = "unplug allowed"
    case management, family, backend, orphans
  }

  /// A line for a shell.
  public struct Line: Hashable, Sendable {
    /// The host that it has to be typed on; nil: any of the pool.
    public var host: String?
    /// Begins with `#` where a person has to do something.
    public var text: String

    public init(_ text: String, on host: String? = nil) {
      self.host = host
      self.text = text
    }
  }

  public var kind: Kind
  public var weight: Finding.Weight
  /// One sentence that names hosts and devices, without a full stop.
  public var text: String
  /// What that means, in a sentence or two.
  public var meaning: String
  /// What would mend it, in order.
  public var mending: [Line]
  /// Those that are unlike the others.
  public var hosts: [String]
  /// Devices as the table names them.
  public var devices: [String]
}

extension PoolComparison {
  /// - Parameter here: this machine; nil when it is not known which it is.
  public init(_ database: XenDatabase, here: Ref<XenAPI.Host>?) { self.init(PoolShape(database, here: here)) }

  init(_ shape: PoolShape) {
    var check = PoolCheck(shape)
    check.run()
    hosts = shape.hosts.map { Host(name: $0.name, isHere: $0.isHere, isCoordinator: $0.isCoordinator, isLive: $0.isLive) }
    differences = check.sorted
    rows = PoolMatrix(check).rows
  }
}

/// Looks the pool up, and compares.
public struct PoolLook: Sendable {
  /// How long XAPI may take: of a large pool it has tens of thousands of rows to tell.
  private static let limit = Duration.seconds(20)

  private let client: XenClient
  private let system: HostSystem

  public init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  public func comparison() async -> Result<PoolComparison, ChangeProblem> {
    var reader = DatabaseReader(client, classes: DatabaseReader.networking + ["host_metrics"])
    do throws(XenError) {
      let database = try await reader.read(limit: Self.limit)
      let here = await LayoutSource.thisHost(in: database, client, system, limit: Self.limit)
      return .success(PoolComparison(database, here: here))
    } catch {
      return saved(because: "\(error)")
    }
  }

  /// The coordinator keeps the database, members a copy of it: settings can be compared all the same.
  private func saved(because why: String) -> Result<PoolComparison, ChangeProblem> {
    do throws(HostFileError) {
      let database = try XapiDatabase(of: system)
      guard !database.hosts.isEmpty else {
        return .failure(Self.problem(why, "\(database.path) names no host"))
      }
      var comparison = PoolComparison(PoolShape(database, here: (try? Inventory(of: system))?.installationUUID))
      comparison.source = .saved(at: database.modified, because: why)
      return .success(comparison)
    } catch {
      return .failure(Self.problem(why, "\(error)"))
    }
  }

  private static func problem(_ why: String, _ files: String) -> ChangeProblem {
    ChangeProblem(
      "the pool cannot be looked at: \(why); and its saved database neither: \(files)",
      remedy: "XAPI on this host must answer, or compare on the coordinator, which keeps the pool's database")
  }
}
