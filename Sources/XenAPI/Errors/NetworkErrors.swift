/// Bonds, VLANs, tunnels, SR-IOV, networks (`reference/xapi.md` §6.3).
extension ErrorCatalogue {
  static let networks = bondErrors + vlanErrors + tunnelErrors + networkErrors + sriovErrors

  private static let bondErrors = [
    ErrorEntry("PIF_BOND_NEEDS_MORE_MEMBERS", "The bond has too few members", "Choose at least two NICs"),
    ErrorEntry(
      "PIF_ALREADY_BONDED", "{0|This interface} is a bond or a member of one",
      "Destroy the bond first, or choose another NIC"),
    ErrorEntry("PIF_CANNOT_BOND_CROSS_HOST", "The members of a bond must be on one host", "Choose NICs of one host"),
    ErrorEntry(
      "PIF_BOND_MORE_THAN_ONE_IP", "More than one of the members has an IP configuration",
      "Remove the addresses of all but one"),
    ErrorEntry("INCOMPATIBLE_PIF_PROPERTIES", "The members' settings (GRO) differ", "Make them the same first"),
    ErrorEntry(
      "HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE",
      "While high availability is on, a bond that carries management cannot be made or undone",
      "Turn HA off, make the change, turn HA on again"),
    ErrorEntry(
      "CANNOT_PLUG_BOND_SLAVE", "{0|This interface} is a member of a bond and cannot be used by itself",
      "Use the bond"),
  ]

  private static let vlanErrors = [
    ErrorEntry("CANNOT_ADD_VLAN_TO_BOND_SLAVE", "{0|This interface} is a member of a bond", "Put the VLAN on the bond"),
    ErrorEntry(
      "PIF_IS_VLAN", "{0|This interface} is a VLAN, which cannot carry another one", "Choose the NIC or bond below it"),
    ErrorEntry(
      "PIF_VLAN_EXISTS", "{0|The VLAN exists on % already, or the interface is a VLAN itself|This VLAN exists already}",
      "Choose another tag or interface"),
    ErrorEntry(
      "VLAN_IN_USE", "Something outside XAPI uses VLAN{1| %|} on {0|%|this interface} already",
      "Remove it there, or choose another tag"),
    ErrorEntry("VLAN_TAG_INVALID", "{0|%|This} is not a valid VLAN tag", "Use a number from 0 to 4094"),
    ErrorEntry("PIF_VLAN_STILL_EXISTS", "{0|This interface} is a VLAN or has VLANs on it", "Destroy the VLANs first"),
  ]

  private static let tunnelErrors = [
    ErrorEntry("PIF_TUNNEL_STILL_EXISTS", "{0|This interface} has tunnels on it", "Destroy the tunnels first"),
    ErrorEntry(
      "IS_TUNNEL_ACCESS_PIF", "{0|This interface} is the end of a tunnel and cannot carry this",
      "Use the interface that transports the tunnel"),
    ErrorEntry(
      "CANNOT_ADD_TUNNEL_TO_BOND_SLAVE", "{0|This interface} is a member of a bond and cannot carry a tunnel",
      "Put the tunnel on the bond"),
    ErrorEntry(
      "CANNOT_ADD_TUNNEL_TO_SRIOV_LOGICAL", "{0|This interface} belongs to an SR-IOV network and cannot carry a tunnel",
      "Choose another interface"),
    ErrorEntry(
      "CANNOT_ADD_TUNNEL_TO_VLAN_ON_SRIOV_LOGICAL",
      "{0|This interface} is a VLAN on an SR-IOV network and cannot carry a tunnel", "Choose another interface"),
    ErrorEntry(
      "TRANSPORT_PIF_NOT_CONFIGURED",
      "{0|%, which transports the tunnel,|The transport interface} has no IP configuration",
      "Give it an address, and destroy the tunnel that was left over"),
    ErrorEntry(
      "OPENVSWITCH_NOT_ACTIVE", "This needs Open vSwitch on every host of the pool",
      "Switch the network backend to openvswitch first"),
  ]

  private static let networkErrors = [
    other("NETWORK_INCOMPATIBLE_WITH_BOND", "a bond"),
    other("NETWORK_INCOMPATIBLE_WITH_TUNNEL", "a tunnel"),
    other("NETWORK_INCOMPATIBLE_WITH_SRIOV", "SR-IOV"),
    other("NETWORK_INCOMPATIBLE_WITH_VLAN_ON_BRIDGE", "an ordinary VLAN"),
    other("NETWORK_INCOMPATIBLE_WITH_VLAN_ON_SRIOV", "a VLAN on SR-IOV"),
    ErrorEntry(
      "NETWORK_INCOMPATIBLE_WITH_TRUNKS", "{0|Network \"%\"|This network} cannot take VLAN trunks",
      "Choose a network on a NIC or bond with Open vSwitch"),
    ErrorEntry(
      "NETWORK_UNMANAGED", "{0|Network \"%\"|This network} is not controlled by XAPI", "Choose another network"),
    ErrorEntry(
      "NETWORK_CONTAINS_PIF", "The network still has interfaces on it{*|: %|}",
      "Destroy its VLAN, bond or tunnel, or forget its NIC first"),
    ErrorEntry(
      "NETWORK_CONTAINS_VIF", "Running VMs are still on the network{*|: %|}",
      "Unplug or move their virtual interfaces first"),
    ErrorEntry("CANNOT_DESTROY_SYSTEM_NETWORK", "{0|Network \"%\"|This network} belongs to the system and must stay"),
    ErrorEntry("BRIDGE_NAME_EXISTS", "There is a bridge called {0|%|like that} already", "Choose another name"),
    ErrorEntry(
      "BRIDGE_NOT_AVAILABLE", "This host has no bridge{0| %|of that name}", "Create it, or choose another one"),
    ErrorEntry(
      "NETWORK_INCOMPATIBLE_PURPOSES", "A network{0| for %|} cannot exist beside one{1| for %|of another purpose}",
      "Remove the other purpose first"),
    ErrorEntry(
      "COULD_NOT_UPDATE_IGMP_SNOOPING_EVERYWHERE", "IGMP snooping was not changed on every host",
      "Bring all hosts online and try again"),
  ]

  private static let sriovErrors = [
    ErrorEntry(
      "NETWORK_HAS_INCOMPATIBLE_SRIOV_PIFS",
      "{0|This interface} is another model of NIC than those on {1|network \"%\"|the network}",
      "Choose the same model, or another network"),
    ErrorEntry(
      "NETWORK_HAS_INCOMPATIBLE_VLAN_ON_SRIOV_PIFS",
      "{0|This interface} is on another model of NIC than the VLANs on {1|network \"%\"|the network}",
      "Choose the same model, or another network"),
    ErrorEntry(
      "PIF_IS_SRIOV_LOGICAL", "{0|This interface} belongs to an SR-IOV network",
      "Choose the NIC itself or another one"),
    ErrorEntry(
      "PIF_IS_NOT_SRIOV_CAPABLE", "{0|This interface} does not offer SR-IOV",
      "Choose another NIC, or enable SR-IOV in the firmware"),
    ErrorEntry("NETWORK_SRIOV_ALREADY_ENABLED", "{0|This interface} has SR-IOV enabled already"),
    ErrorEntry(
      "NETWORK_SRIOV_ENABLE_FAILED", "SR-IOV could not be enabled on {0|this interface}{1|: %|}",
      "Check firmware settings and driver; a reboot may be needed"),
    ErrorEntry(
      "NETWORK_SRIOV_DISABLE_FAILED", "SR-IOV could not be disabled on {0|this interface}{1|: %|}",
      "Stop the VMs that use it; a reboot may be needed"),
    ErrorEntry(
      "NETWORK_SRIOV_INSUFFICIENT_CAPACITY", "{0|Network \"%\"|The network} has no virtual function left",
      "Use fewer virtual interfaces on it"),
  ]

  private static func other(_ code: String, _ kind: String) -> ErrorEntry {
    ErrorEntry(
      code,
      ErrorTemplate(
        stringLiteral: "{0|Network \"%\"|This network} serves another kind of interface and cannot take \(kind)"),
      "Make a new network for it")
  }
}
