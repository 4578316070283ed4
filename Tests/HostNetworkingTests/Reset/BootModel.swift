import Dom0
import HostNetworking

/// What a host boots into with the files it has, by the documented steps of networkd and XAPI (`reference/xapi.md` §4.3, §4.4),
/// kept as small as they allow. Knows nothing of how a reset writes its files.
struct BootModel: Hashable {
  /// The settings on the management interface once everything is up.
  struct Network: Hashable, CustomStringConvertible {
    let settings: ManagementSettings

    init(settings: ManagementSettings) { self.settings = settings }

    /// DNS apart: who sets it, and when, differs on the way.
    private var parts: ManagementSettings {
      ManagementSettings(device: settings.device, vlan: settings.vlan, ipv4: settings.ipv4, ipv6: settings.ipv6)
    }

    static func == (left: Network, right: Network) -> Bool { left.parts == right.parts }
    func hash(into hasher: inout Hasher) { hasher.combine(parts) }
    var description: String { "\(settings.device) \(settings.vlan ?? -1) \(settings.ipv4) \(settings.ipv6)" }
  }

  /// nil for a host without an address on its management bridge.
  var network: Network?
  /// XAPI works: on a member because it has reached its coordinator.
  var works = false
  /// Why the host is worse off than with either configuration.
  var broken: String?
  /// XAPI has carried a reset out.
  var wasReset = false

  /// Where the coordinator answers: a member must be on that network and look for that address.
  struct Coordinator: Sendable {
    var address: String
    var devices: Set<String>
    var tags: Set<Int?>
  }

  init(_ system: HostSystem, devices: Set<String>, coordinator: Coordinator) {
    let inventory: Inventory
    let role: PoolConf
    do {
      inventory = try Inventory(of: system)
      role = try PoolConf(of: system)
    } catch {
      broken = "\(error)"
      return
    }
    guard inventory.installationUUID != nil, inventory.controlDomainUUID != nil else {
      broken = "the inventory has lost the host"
      return
    }
    if system.exists(RenameRules.program) {
      do {
        _ = try StaticRules(of: system)
        _ = try DynamicRules(of: system)
      } catch {
        broken = "\(error)"
        return
      }
    }
    startNetworkd(system, inventory)
    guard broken == nil else { return }
    startXAPI(system, inventory, role, devices, coordinator)
  }

  private mutating func startNetworkd(_ system: HostSystem, _ inventory: Inventory) {
    let bridge = inventory.managementInterface ?? ""
    if let database = try? NetworkdDB(of: system) {
      network = database.settings(ofBridge: bridge).map { Network(settings: $0) }
      return
    }
    guard let conf = try? ManagementConf(of: system), let settings = conf.settings else { return }
    if settings.vlan != nil, bridge == ManagementSettings.bridge(of: settings.device) {
      broken = "the VLAN's bridge has the name of the one below it"
      return
    }
    // Any name does: networkd gives the bridge the one that the inventory has.
    network = Network(settings: settings)
  }

  private mutating func startXAPI(
    _ system: HostSystem, _ inventory: Inventory, _ role: PoolConf, _ devices: Set<String>, _ coordinator: Coordinator
  ) {
    let six = inventory.managementAddressType == "IPv6"
    if case .member(let address) = role {
      guard let settings = network?.settings, six ? settings.ipv6 != .off : settings.ipv4 != .off,
        address == coordinator.address, coordinator.devices.contains(settings.device),
        coordinator.tags.contains(settings.vlan)
      else { return }
    }
    works = true
    let trigger: ResetTrigger
    do {
      guard let pending = try ResetTrigger.pending(on: system) else { return }
      trigger = pending
    } catch {
      broken = "\(error)"
      return
    }
    guard let settings = trigger.settings, devices.contains(settings.device) else {
      broken = "XAPI cannot use the trigger"
      return
    }
    wasReset = true
    guard six ? settings.ipv6 != .off : settings.ipv4 != .off else {
      broken = "XAPI deletes its records and then refuses a management interface without an address of its family"
      return
    }
    network = Network(settings: settings)
  }
}
