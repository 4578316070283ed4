import Dom0
import Glibc
import XenAPI

/// Finds out all that a reset has to know of a host. Every question is bounded in time; what stays without an answer is said
/// to be unknown.
public struct ResetLook: Sendable {
  /// Whether somebody listens at an address, port 443.
  public typealias Probe = @Sendable (_ address: String) async -> ResetFacts.Reach

  private let system: HostSystem
  private let client: XenClient?
  private let probe: Probe?
  private let limit: Duration

  /// - Parameters:
  ///   - client: nil leaves XAPI alone.
  ///   - probe: how the coordinator is tried; by default a TCP connection, and none for the files of another root.
  ///   - limit: how long XAPI may take.
  public init(
    _ system: HostSystem, client: XenClient?, probe: Probe? = nil, limit: Duration = .seconds(4)
  ) {
    self.system = system
    self.client = client
    self.limit = limit
    let connect: Probe = { await SocketProbes(system).reach($0, port: 443, limit: .seconds(3)) }
    self.probe = probe ?? (system.isThisMachine ? connect : nil)
  }

  public func facts() async -> ResetFacts {
    async let pool = poolWord()
    async let addresses = liveAddresses()
    var facts = ResetFacts()
    facts.isThisMachine = system.hasServices
    facts.isRoot = !system.isThisMachine || geteuid() == 0
    readFiles(&facts)
    if case .member(let address) = facts.role, let probe { facts.coordinatorReach = await probe(address) }
    let live = await addresses
    facts.now.liveAddresses = live[facts.managementBridge ?? ""] ?? []
    let word = await pool
    readDevices(&facts, word)
    word.tell(&facts)
    return facts
  }

  // MARK: Files

  private func readFiles(_ facts: inout ResetFacts) {
    facts.hostname = ((try? system.hostname()) ?? nil) ?? ""
    facts.renamesInterfaces = system.exists(RenameRules.program)
    facts.triggerPath = ResetTrigger.path(on: system)
    facts.triggerIsPending = system.exists(facts.triggerPath)
    facts.standing = ResetRecovery(system).standing()
    facts.diskProblem = DiskRoom.problem(on: system)
    do throws(HostFileError) {
      let inventory = try Inventory(of: system)
      facts.managementBridge = inventory.managementInterface ?? ""
      facts.addressFamily = inventory.managementAddressType ?? "IPv4"
      facts.product = HostView.product(inventory.productBrand, inventory.productVersion) ?? ""
    } catch { facts.problems.append("\(error)") }
    do throws(HostFileError) {
      switch try PoolConf(of: system) {
      case .coordinator: facts.role = .coordinatorOrStandalone
      case .member(let address): facts.role = .member(coordinator: address)
      }
    } catch { facts.role = .broken("\(error)") }
    do throws(HostFileError) {
      facts.haArmed = try LocalDB(of: system).isHAArmed ? .yes : .no
    } catch .missing {
      // XAPI makes the file when it first has something to remember.
      facts.haArmed = .no
    } catch { facts.haArmed = .unknown("\(error)") }
    let network = PresentNetwork(system, bridge: facts.managementBridge ?? "")
    facts.now = network.settings
    facts.problems += network.problems
  }

  private func liveAddresses() async -> [String: [String]] {
    guard let devices = try? await IPDevice.all(on: system) else { return [:] }
    return Dictionary(
      devices.map { device in
        (device.name, device.addresses.filter { $0.scope != "link" }.map { "\($0.address)/\($0.prefixLength)" })
      }, uniquingKeysWith: { first, _ in first })
  }

  // MARK: NICs

  private func readDevices(_ facts: inout ResetFacts, _ word: PoolWord) {
    let nics: [NetworkDevice]
    do throws(HostFileError) {
      nics = try NetworkDevice.all(on: system).filter { $0.isPhysical && !$0.name.hasPrefix("side-") }
    } catch {
      facts.devicesProblem = "\(error)"
      facts.devices = rememberedDevices()
      return
    }
    if nics.isEmpty { facts.devicesProblem = "the kernel names no NIC" }
    let names = facts.renamesInterfaces ? InstalledNames(of: system) : nil
    let use = DeviceUse(system, managementBridge: facts.managementBridge ?? "")
    facts.devices = nics.sorted { comesBefore($0.name, $1.name) }.map { nic in
      ResetDevice(
        name: nic.name, mac: nic.mac ?? "",
        link: !nic.isUp ? .off : nic.hasCarrier.map { $0 ? .up : .down } ?? .unknown, speed: nic.speed,
        use: use.words(for: nic.name, network: word.networkName), nameAfterReset: names?.name(of: nic) ?? .same)
    }
  }

  /// Without the kernel's word: the NICs of the last boot.
  private func rememberedDevices() -> [ResetDevice] {
    guard let rules = try? DynamicRules(of: system) else { return [] }
    return rules.lastBoot.sorted { comesBefore($0.name, $1.name) }.map { ResetDevice(name: $0.name, mac: $0.mac) }
  }

  // MARK: XAPI, or what is left of it

  private func poolWord() async -> PoolWord {
    if let client, let live = await XAPISnapshot.take(client, limit: limit) {
      let clustering = await XAPISnapshot.clustering(client, host: live.host, limit: limit)
      return PoolWord(live.database, live.host, clustering: clustering)
    }
    do throws(HostFileError) {
      let uuid = try? Inventory(of: system).installationUUID
      return PoolWord(try XapiDatabase(of: system), uuid: uuid)
    } catch {
      return PoolWord(files: system, problem: "\(error)")
    }
  }
}

/// Whether files can be written at all.
enum DiskRoom {
  /// The files of a reset, with their copies, take far less.
  private static let least: Int64 = 1 << 20

  static func problem(on system: HostSystem) -> ResetFacts.DiskProblem? {
    var status = statvfs()
    guard let place = try? system.resolved("/"), statvfs(place, &status) == 0 else { return nil }
    // ST_RDONLY
    if status.f_flag & 1 != 0 { return .readOnly }
    let (free, overflow) = Int64(clamping: status.f_bavail).multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
    return overflow || free >= least ? nil : .full(freeBytes: free)
  }
}
