/// Interfaces and their addresses (`reference/xapi.md` §6.2).
extension ErrorCatalogue {
  static let interfaces = [
    ErrorEntry(
      "PIF_IS_MANAGEMENT_INTERFACE",
      "{0|This interface} carries management: it cannot be unplugged, forgotten or left without an address",
      "Move management to another interface first"),
    ErrorEntry(
      "PIF_UNMANAGED", "{0|This interface} is not controlled by XAPI",
      "Configure it outside XAPI, or forget it and introduce it as managed"),
    ErrorEntry(
      "PIF_DOES_NOT_ALLOW_UNPLUG", "{0|This interface} is protected against unplugging",
      "Clear its \"disallow unplug\" first"),
    ErrorEntry(
      "PIF_ALLOWS_UNPLUG", "{0|This interface} is for a cluster and must be protected against unplugging",
      "Set its \"disallow unplug\" first"),
    ErrorEntry(
      "PIF_HAS_FCOE_SR_IN_USE", "Storage{1| %|} is reached through {0|this interface}", "Detach the storage first"),
    ErrorEntry(
      "PIF_HAS_NO_NETWORK_CONFIGURATION", "{0|This interface} has no IPv4 configuration",
      "Set it to DHCP or give it a static address first"),
    ErrorEntry(
      "PIF_HAS_NO_V6_NETWORK_CONFIGURATION", "{0|This interface} has no IPv6 configuration",
      "Set it to DHCP or autoconf, or give it a static IPv6 address first"),
    ErrorEntry(
      "PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", "{0|This interface} does not use the same address family as the others",
      "Set the same primary address type (IPv4 or IPv6) on all of them"),
    ErrorEntry(
      "PIF_CONFIGURATION_ERROR", "The network daemon could not configure {0|this interface}{1|: %|}",
      "The new settings are saved already: correct them or put the old ones back; /var/log/xensource.log has more"),
    ErrorEntry(
      "PIF_NOT_PRESENT", "{0|Host %|This host} has no interface on {1|network \"%\"|this network}",
      "Add an interface, VLAN or bond for it there"),
    ErrorEntry("REQUIRED_PIF_IS_UNPLUGGED", "{0|This interface} is unplugged", "Plug it first"),
    ErrorEntry(
      "INTERFACE_HAS_NO_IP", "{0|This interface} has no IP address", "Give it an address, or wait for the DHCP server"),
    ErrorEntry(
      "INVALID_IP_ADDRESS_SPECIFIED", "The {0:field|%|address} given is not a valid IP address", "Correct it"),
    ErrorEntry(
      "INVALID_CIDR_ADDRESS_SPECIFIED", "The {0:field|%|address} given is not an address with prefix length",
      "Write it like fd00::11/64"),
    ErrorEntry(
      "VIF_IN_USE", "A running VM{1| (%)|} uses {0|network \"%\"|this network} on this host",
      "Shut the VM down, or move or unplug its virtual interface"),
    ErrorEntry(
      "NETWORK_ALREADY_CONNECTED", "{0|Host %|The host} has an interface on that network already{1|: %|}",
      "Choose another network"),
    ErrorEntry(
      "PIF_IS_PHYSICAL", "{0|This interface} cannot be destroyed like this: only VLANs can",
      "Forget a NIC; destroy a bond, tunnel or SR-IOV network as such"),
    ErrorEntry("PIF_IS_NOT_PHYSICAL", "{0|This interface} is not a physical NIC", "Choose a NIC"),
    ErrorEntry(
      "DUPLICATE_PIF_DEVICE_NAME", "There is an interface called {0|%|like that} already", "Choose another name"),
    ErrorEntry("MAC_INVALID", "{0|%|This} is not a valid MAC address", "Write it like 52:54:00:1a:2b:00"),
    ErrorEntry(
      "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS",
      "This host has no NIC{0| %|}{1| with the MAC address %|}", "Scan for interfaces again"),
    ErrorEntry(
      "CANNOT_CHANGE_PIF_PROPERTIES", "The properties of {0|this interface} follow those of the interface below it",
      "Change them on the NIC or bond"),
    ErrorEntry(
      "CANNOT_FORGET_SRIOV_LOGICAL", "{0|This interface} belongs to an SR-IOV network",
      "Destroy the SR-IOV network instead"),
    ErrorEntry("PIF_SRIOV_STILL_EXISTS", "SR-IOV is enabled on {0|this interface}", "Destroy its SR-IOV network first"),
    ErrorEntry("HOST_NAME_INVALID", "The host name is not valid{0|: %|}", "Use letters, digits, hyphens and dots"),
    ErrorEntry(
      "SLAVE_REQUIRES_MANAGEMENT_INTERFACE", "A member of a pool cannot be without a management interface",
      "Only a coordinator's can be disabled"),
  ]
}
