/// One folder of `/sys/class/net`: what the kernel says of a network device (`reference/dom0.md` §3.9).
public struct NetworkDevice: Hashable, Sendable {
  public enum Duplex: String, Hashable, Sendable { case full, half }

  public var name: String
  public var index: Int?
  /// Colon-separated, lower case.
  public var mac: String?
  /// Bytes.
  public var mtu: Int?
  /// `ARPHRD_…`: 1 is Ethernet.
  public var hardwareType: Int?
  /// Set to be up by somebody (`IFF_UP`). Says nothing of the cable.
  public var isUp: Bool
  /// Whether there is a link; nil while the device is down, because then the kernel does not tell.
  public var hasCarrier: Bool?
  /// The kernel's word: `up`, `down`, `unknown`, `lowerlayerdown`… Internal ports of Open vSwitch are `unknown` though
  /// up.
  public var operationalState: String?
  /// Mb/s; nil when down or not known.
  public var speed: Int?
  public var duplex: Duplex?
  /// The bridge, bond or switch (`ovs-system`) it is in.
  public var master: String?
  /// The hardware behind it; nil for virtual devices.
  public var hardware: Hardware?
  /// Members, for a bridge of the kernel; nil for others.
  public var bridgePorts: [String]?
  /// For a bond of the kernel; nil for others.
  public var bond: KernelBond?
  /// Present when they were asked for.
  public var counters: Counters?

  /// What sits behind a network device.
  public struct Hardware: Hashable, Sendable {
    /// `0000:01:00.0` for PCI, `1-1:1.0` for USB, `vif-0` for a Xen front end.
    public var address: String
    public var driver: String?
    /// Four hexadecimal digits.
    public var vendor: String?
    public var device: String?
    /// A virtual function of another NIC (SR-IOV).
    public var isVirtualFunction: Bool
    /// A virtual interface of a VM or of this domain.
    public var isXenBackend: Bool
    /// Virtual functions this NIC can have and has; nil when it knows nothing of SR-IOV.
    public var virtualFunctions: VirtualFunctions?
  }

  public struct VirtualFunctions: Hashable, Sendable {
    public var most: Int
    public var present: Int

    public init(most: Int, present: Int) {
      self.most = most
      self.present = present
    }
  }

  /// The files of `bonding/`.
  public struct KernelBond: Hashable, Sendable {
    /// For instance `active-backup`.
    public var mode: String
    public var members: [String]
    public var active: String?

    public init(mode: String, members: [String], active: String?) {
      self.mode = mode
      self.members = members
      self.active = active
    }
  }

  /// Since the device came into being.
  public struct Counters: Hashable, Sendable {
    public var receivedBytes: UInt64
    public var receivedPackets: UInt64
    public var receiveErrors: UInt64
    public var receiveDrops: UInt64
    public var sentBytes: UInt64
    public var sentPackets: UInt64
    public var sendErrors: UInt64
    public var sendDrops: UInt64

    public init(
      receivedBytes: UInt64 = 0, receivedPackets: UInt64 = 0, receiveErrors: UInt64 = 0, receiveDrops: UInt64 = 0,
      sentBytes: UInt64 = 0, sentPackets: UInt64 = 0, sendErrors: UInt64 = 0, sendDrops: UInt64 = 0
    ) {
      (self.receivedBytes, self.receivedPackets) = (receivedBytes, receivedPackets)
      (self.receiveErrors, self.receiveDrops) = (receiveErrors, receiveDrops)
      (self.sentBytes, self.sentPackets) = (sentBytes, sentPackets)
      (self.sendErrors, self.sendDrops) = (sendErrors, sendDrops)
    }
  }

  /// A NIC, by the test xcp-networkd makes: Ethernet with a driver, neither a VM's interface nor a virtual function.
  public var isPhysical: Bool {
    guard let hardware, hardwareType == 1 else { return false }
    return hardware.driver != nil && !hardware.isXenBackend && !hardware.isVirtualFunction
  }

  /// True when it is up and has a link.
  public var isRunning: Bool { isUp && hasCarrier == true }
}
