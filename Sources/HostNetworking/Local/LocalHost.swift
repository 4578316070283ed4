import Dom0

/// This host as its own files and tools tell it at one moment, without XAPI: a value, each part with its own success or
/// failure.
public struct LocalHost: Sendable {
  /// When the files were read.
  public var instant: ContinuousClock.Instant
  /// The same, as seconds since 1970.
  public var wall: Int64
  public var files: LocalFiles
  /// What the kernel, the switch and systemd say.
  public var live: LiveNetwork
  /// XAPI's database as it was last saved here; nil while it is not needed or not read yet.
  public var saved: LocalFiles.Part<SavedState>?
  /// When a NIC's link was seen to change; a NIC is missing here while it is as it was found.
  public var linkChanged: [String: ContinuousClock.Instant] = [:]

  /// False below a root that holds nothing of a host: then there is nothing to tell, and nothing to complain of.
  public var isHost: Bool

  // MARK: Asked often

  var savedState: SavedState? { try? saved?.get() }

  var hostname: String? { (try? files.hostname.get()) ?? nil }

  /// The NICs, by the test xcp-networkd makes, and those stuck under the name of a half-done renaming.
  var nics: [NetworkDevice] {
    ((try? live.devices?.get()) ?? []).filter { $0.isPhysical || $0.isSideways }
  }

  /// True when the kernel could be asked which NICs there are.
  var knowsNICs: Bool { if case .success = live.devices { !nics.isEmpty } else { false } }

  /// A device with its addresses; nil when it is not there or nobody could be asked.
  func ip(_ device: String) -> IPDevice? {
    (try? live.addresses?.get())?.first { $0.name == device }
  }

  /// Names of the bridges that are there; nil when nobody could be asked.
  var presentBridges: Set<String>? {
    if case .success(let ovs) = live.openVSwitch { return Set(ovs.bridgeNames) }
    if let addresses = try? live.addresses?.get() { return Set(addresses.map(\.name)) }
    return (try? live.devices?.get()).map { Set($0.map(\.name)) }
  }

  /// The inventory's word for the bridge that carries management; nil when it says none.
  var managementBridge: String? {
    (try? files.inventory.get())?.managementInterface.flatMap { $0.isEmpty ? nil : $0 }
  }

  func unit(_ name: String) -> SystemUnit? {
    (try? live.units?.get())?.first { $0.name == name + ".service" }
  }
}

extension NetworkDevice {
  /// `side-1234-eth0`: interface-rename moved it out of the way and did not come back to it (`reference/dom0.md` §1.6).
  var isSideways: Bool { name.hasPrefix("side-") }
}
