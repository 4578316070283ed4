/// High availability, clusters, pool, hosts, virtual interfaces (`reference/xapi.md` §6.4).
extension ErrorCatalogue {
  static let poolAndHosts = haErrors + hostErrors + vmErrors

  private static let haErrors = [
    ErrorEntry(
      "HA_IS_ENABLED", "High availability is on, which blocks changes of interfaces in use",
      "Turn HA off, make the change, turn HA on again"),
    ErrorEntry(
      "REDO_LOG_IS_ENABLED", "The redo log is on, which blocks changes of interfaces in use",
      "Disable the redo log first"),
    ErrorEntry("HA_NOT_ENABLED", "High availability is not on here"),
    ErrorEntry(
      "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED", "The pool has high availability on, but this host has it off",
      "Turn HA off and on again for the pool"),
    ErrorEntry(
      "HA_HOST_CANNOT_ACCESS_STATEFILE", "This host cannot reach the heartbeat disk of high availability",
      "Check the storage and the network to it"),
    ErrorEntry(
      "HA_LOST_STATEFILE", "This host has lost the heartbeat disk of high availability",
      "Check the storage and the network to it"),
    ErrorEntry(
      "HA_HEARTBEAT_DAEMON_STARTUP_FAILED", "The high availability daemon did not start", "See /var/log/xha.log"),
    ErrorEntry(
      "HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED",
      "A protected VM needs {0|network \"%\"|this network} on every host",
      "Give every host an interface on it, or take the VM's protection off"),
    ErrorEntry(
      "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN", "This would leave too little room to restart the protected VMs",
      "Free resources or tolerate fewer host failures first"),
    ErrorEntry(
      "CLUSTERING_ENABLED", "Clustering uses this host's interface", "Disable clustering on the host first"),
  ]

  private static let hostErrors = [
    ErrorEntry("HOST_NOT_DISABLED", "The host is not in maintenance mode", "Enter maintenance mode first"),
    ErrorEntry(
      "HOST_DISABLED_UNTIL_REBOOT", "{0|Host %|The host} must be rebooted before it can be enabled", "Reboot it"),
    ErrorEntry(
      "HOST_NOT_ENOUGH_FREE_MEMORY", "There is not enough free memory{0:bytes|: % needed|}{1:bytes|, % free|}",
      "Shut VMs down or move them first"),
    ErrorEntry(
      "HOST_EVACUATE_VM_NOT_HA_PROTECTED", "{0|VM %|A VM} cannot be moved away and is not protected by HA",
      "Shut it down first"),
    ErrorEntry(
      "HOST_CANNOT_ATTACH_NETWORK", "{0|Host %|The host} cannot provide {1|network \"%\"|this network}",
      "Check its bond or VLAN for that network"),
  ]

  private static let vmErrors = [
    ErrorEntry(
      "VM_REQUIRES_NETWORK", "The host does not have {1|network \"%\"|a network} that {0|VM %|the VM} needs",
      "Add the network to the host"),
    ErrorEntry(
      "VM_REQUIRES_SR", "The host does not have the storage{1| %|} that {0|VM %|the VM} needs",
      "Attach the storage to the host"),
    ErrorEntry(
      "VM_BAD_POWER_STATE", "{0|VM %|The VM} is {2|%|in another state}{1|, but must be %|}"),
    ErrorEntry(
      "VM_LACKS_FEATURE", "The guest tools of {0|VM %|the VM} do not support this",
      "Install or update the guest tools, or shut the VM down"),
    ErrorEntry("DEVICE_ALREADY_EXISTS", "Position{0| %|} is taken", "Choose another position"),
    ErrorEntry("DEVICE_ALREADY_ATTACHED", "{0|%|The device} is plugged already"),
    ErrorEntry("DEVICE_ALREADY_DETACHED", "{0|%|The device} is unplugged already"),
    ErrorEntry("INVALID_DEVICE", "{0|\"%\"|This} is not a valid position", "Use a number, 0 for the first"),
    ErrorEntry(
      "ADDRESS_VIOLATES_LOCKING_CONSTRAINT", "The virtual interface's lock does not allow the address{0| %|}",
      "Add it to the allowed addresses first"),
    ErrorEntry(
      "PVS_PROXY_PRESENT_ON_HIGHER_VIF_DEVICE",
      "The VM's PVS proxy is on {0|virtual interface %|a later virtual interface}: it must be the first one",
      "Choose another position"),
  ]
}
