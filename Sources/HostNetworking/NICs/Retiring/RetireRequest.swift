/// One thing done on the way to take a NIC out of the machine.
public struct RetireRequest: Hashable, Sendable {
  public enum Work: Hashable, Sendable {
    /// VLANs of the NIC, by their tags, to another NIC or bond: destroyed and made there on the same networks, so that VMs keep
    /// their VIFs.
    case moveVLANs([Int], to: String)
    /// Their networks stay.
    case destroyVLANs([Int])
    /// The VIFs on the NIC's own network to another one, by its uuid.
    case moveVIFs(toNetwork: String)
    case removeAddress
    /// Its protection against unplugging is lifted.
    case allowUnplug
    /// The network of the NIC, once nothing is on it.
    case destroyNetwork
  }

  public var device: String
  public var work: Work

  public init(device: String, _ work: Work) {
    self.device = device
    self.work = work
  }
}
