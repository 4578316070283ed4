import Dom0

/// The files of a host that a reset reads and changes, as they are at one moment. nil stands for a file that is not there.
struct ResetFiles: Hashable, Sendable {
  var poolConf: [UInt8]?
  var trigger: [UInt8]?
  var triggerPath: String
  var managementConf: [UInt8]?
  var networkdDB: [UInt8]?
  var inventory: [UInt8]
  /// Live rules and the installer's, by name.
  var rules: [Rules: Pair] = [:]
  /// True where interface-rename names the NICs.
  var renamesInterfaces: Bool

  struct Pair: Hashable, Sendable {
    var live: [UInt8]?
    var installed: [UInt8]?
  }

  enum Rules: String, Hashable, Sendable, CaseIterable {
    case fixed = "static-rules.conf"
    case dynamic = "dynamic-rules.json"

    var livePath: String { "\(RenameRules.folder)/\(rawValue)" }
    var installedPath: String { "\(RenameRules.folder)/.from_install/\(rawValue)" }
  }

  /// - Throws: when the inventory cannot be read, or another file is there and cannot be read.
  init(of system: HostSystem) throws(HostFileError) {
    triggerPath = ResetTrigger.path(on: system)
    // Its presence decides what the vendor's program writes, too (`reference/xapi.md` §4.2, W4 and W7).
    renamesInterfaces = system.exists(RenameRules.program)
    // Without it nothing can be done: what would be written is this file with two keys changed.
    inventory = try Inventory(of: system).bytes
    poolConf = try Self.bytes(PoolConf.path, system)
    trigger = try Self.bytes(triggerPath, system)
    managementConf = try Self.bytes(ManagementConf.path, system)
    networkdDB = try Self.bytes(NetworkdDB.path, system)
    guard renamesInterfaces else { return }
    for name in Rules.allCases {
      rules[name] = Pair(
        live: try Self.bytes(name.livePath, system), installed: try Self.bytes(name.installedPath, system))
    }
  }

  private static func bytes(_ path: String, _ system: HostSystem) throws(HostFileError) -> [UInt8]? {
    do throws(HostFileError) {
      return try system.read(path, limit: 8 << 20)
    } catch .missing {
      return nil
    }
  }

  /// Everything that a reset may change, on any release.
  static let allPaths =
    [PoolConf.path, ResetTrigger.currentPath, ResetTrigger.oldPath, ManagementConf.path, NetworkdDB.path, Inventory.path]
    + Rules.allCases.map(\.livePath)

  var isMember: Bool {
    guard let poolConf, case .member? = try? PoolConf(parsing: poolConf) else { return false }
    return true
  }
}
