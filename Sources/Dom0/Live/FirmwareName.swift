/// A NIC as biosdevname names it: by its place in the machine (`reference/dom0.md` §1.8).
public struct FirmwareName: Hashable, Sendable {
  /// `em1`, `p2p1`…; nil where the firmware tells nothing.
  public var name: String?
  /// What the kernel calls it.
  public var kernelName: String
  /// Lower case.
  public var permanentMAC: String?
  public var assignedMAC: String?
  public var driver: String?
  public var driverVersion: String?
  public var firmware: String?
  public var bus: String?
  /// `embedded` or a slot's number.
  public var slot: String?
  /// What is printed beside it, for instance `Integrated NIC 1`.
  public var label: String?
  /// Every line as it came, for what is not named above.
  public var fields: [String: String]
}
