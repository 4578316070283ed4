/// Which interface of this host is meant: the same whether XAPI or the kernel tells of it, so that a choice on a screen
/// stays when one of them comes or goes.
public struct InterfaceID: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  private init(_ text: String) { description = text }

  /// A NIC, bond or tunnel by the kernel's or the switch's name.
  public static func device(_ name: String) -> InterfaceID { InterfaceID(name) }
  /// A blank cannot be part of a device's name.
  public static func vlan(_ tag: Int, on device: String) -> InterfaceID { InterfaceID("\(device) vlan \(tag)") }
  public static func sriov(on device: String) -> InterfaceID { InterfaceID("\(device) sriov") }
  /// What nothing else tells apart.
  static func other(_ text: String) -> InterfaceID { InterfaceID(" \(text)") }
}

/// Which network of the pool is meant: by its bridge, which XAPI, networkd and the switch all know; by XAPI's uuid
/// where there is none.
public struct NetworkID: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(bridge: String, uuid: String = "") { description = bridge.isEmpty ? uuid : bridge }
}

/// Gives each identity once: XAPI's database may hold what should not be there twice.
struct Unique<ID: Hashable> {
  private var taken: Set<ID> = []

  mutating func claim(_ id: ID, else other: @autoclosure () -> ID) -> ID {
    if taken.insert(id).inserted { return id }
    let other = other()
    taken.insert(other)
    return other
  }
}
