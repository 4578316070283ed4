import XenAPI

/// One step of putting a layout back.
public struct RestoreStep: Identifiable, Hashable, Sendable {
  /// The same for the same work in every plan of a layout: `create bond0`, `IPv4 VLAN 20 on bond0`.
  public typealias ID = String

  public var id: ID
  /// What is done; the run looks everything up anew, so a plan can be old.
  public var action: RestoreAction
  /// One plain sentence: what this will do.
  public var sentence: String
  /// The same by hand.
  public var commands: [String]
  /// Steps that must have been done (or found done) before.
  public var needs: [ID] = []
  /// What takes it back, in words.
  public var undo: String
  /// What to know first.
  public var hazards: [Hazard] = []
  /// Why it cannot be done; nil when it can.
  public var blocked: String?
  /// A step that can cut this host off: management moves or is interrupted.
  public var touchesManagement = false
  /// It would cut this host off as things are: left out unless somebody takes it in.
  public var isDoubtful = false
}

/// What a step of a restore does. Names are those of the layout.
public enum RestoreAction: Hashable, Sendable {
  case createNetwork(SavedNetwork)
  /// Name, MTU, other-config, tags, purposes and locking of a network that is there, as far as they differ.
  case changeNetwork(SavedNetwork, changes: [NetworkChange])
  case createBond(SavedBond)
  case setBondMode(SavedBond)
  case setBondProperties(SavedBond, [String: String])
  case createVLAN(SavedVLAN)
  /// Makes a VLAN anew that is there on another network than it was; XAPI has no other way.
  case replaceVLAN(SavedVLAN)
  case createTunnel(SavedTunnel)
  case createSRIOV(SavedSRIOV)
  /// Adds or changes keys of an other-config; those that are not in the layout stay.
  case setOtherConfig(ConfigOwner, [String: String])
  case setProperties(SavedInterface, [String: String])
  case setPrimaryAddressType(SavedInterface)
  case setIPv4(SavedInterface)
  case setIPv6(SavedInterface)
  case plug(SavedInterface)
  case protect(SavedInterface)
  case moveManagement(SavedInterface)
}

/// What has an other-config besides networks.
public enum ConfigOwner: Hashable, Sendable {
  /// Takes effect when it is plugged again, which the step does, as long as it is plugged.
  case interface(SavedInterface)
  case bond(SavedBond)
  case vlan(SavedVLAN)
  case tunnel(SavedTunnel)
}

/// One difference of a network.
public enum NetworkChange: Hashable, Sendable {
  case name(String)
  case description(String)
  case mtu(Int64)
  case otherConfig(key: String, value: String)
  case addTag(String)
  case addPurpose(String)
  case locking(LockingMode)
}
