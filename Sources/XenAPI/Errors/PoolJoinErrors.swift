/// Joining a pool (`reference/xapi.md` §5.3). "This host" is the one that wants to join.
extension ErrorCatalogue {
  static let poolJoin = joinNetworkErrors + joinOtherErrors

  private static let joinNetworkErrors = [
    ErrorEntry(
      "POOL_JOINING_HOST_HAS_BONDS", "This host has bonds and cannot join a pool with them",
      "Destroy them; after joining it gets the pool's bonds"),
    ErrorEntry(
      "POOL_JOINING_HOST_HAS_TUNNELS", "This host has tunnels and cannot join a pool with them", "Destroy them first"),
    ErrorEntry(
      "POOL_JOINING_HOST_HAS_NETWORK_SRIOVS", "This host has SR-IOV networks and cannot join a pool with them",
      "Destroy them; after joining it gets the pool's"),
    ErrorEntry(
      "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS", "This host has VLANs besides that of management",
      "Destroy them; after joining it gets the pool's VLANs"),
    ErrorEntry(
      "POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH",
      "Management is on another VLAN here{0| (%)|} than on the pool's coordinator{1| (%)|}",
      "Put both on the same VLAN; -1 means none"),
    ErrorEntry(
      "POOL_JOINING_HOST_MUST_HAVE_PHYSICAL_MANAGEMENT_NIC", "Management of this host is not on a physical NIC",
      "Move it to a NIC first"),
    ErrorEntry(
      "POOL_JOINING_HOST_MUST_ONLY_HAVE_PHYSICAL_PIFS", "This host has bonds, VLANs or tunnels", "Destroy them first"),
    ErrorEntry(
      "POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK",
      "The pool's cluster is on VLAN{0| %|} and a joining host cannot reach it there",
      "Move the cluster to an untagged network first"),
    ErrorEntry(
      "POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK",
      "This host must have exactly one address on the pool's cluster network", "Configure one interface there"),
  ]

  private static let joinOtherErrors = [
    ErrorEntry(
      "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS", "This host is the coordinator of other hosts",
      "Eject them from its pool first"),
    ErrorEntry(
      "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS", "This host has shared storage attached", "Detach it first"),
    ErrorEntry("JOINING_HOST_CANNOT_HAVE_RUNNING_VMS", "VMs are running on this host", "Shut them down first"),
    ErrorEntry(
      "JOINING_HOST_CANNOT_HAVE_RUNNING_OR_SUSPENDED_VMS", "This host has running or suspended VMs",
      "Shut them down first"),
    ErrorEntry(
      "JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS", "VMs of this host are in the middle of an operation",
      "Wait until it has finished"),
    ErrorEntry(
      "JOINING_HOST_CONNECTION_FAILED", "The pool's coordinator could not be reached",
      "Check its address and the network between the two hosts"),
    ErrorEntry(
      "JOINING_HOST_SERVICE_FAILED", "What answers at the coordinator's address is not XAPI", "Check the address"),
    ErrorEntry(
      "POOL_JOINING_EXTERNAL_AUTH_MISMATCH", "This host and the pool use different external authentication",
      "Set both up alike first"),
    ErrorEntry(
      "POOL_JOINING_HOST_MUST_HAVE_SAME_PRODUCT_VERSION", "This host and the pool run different versions",
      "Bring both to the same version and updates first"),
    ErrorEntry(
      "POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION",
      "This host speaks another version of the API{0| (%)|} than the pool{1| (%)|}",
      "Bring both to the same version and updates first"),
    ErrorEntry(
      "POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA",
      "This host's database has another layout{0| (%)|} than the pool's{1| (%)|}",
      "Bring both to the same version and updates first"),
    ErrorEntry(
      "POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH", "TLS verification is on in one of host and pool, off in the other",
      "Set both alike first"),
    ErrorEntry(
      "POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT",
      "This host and the pool have different certificates of the same name",
      "Remove the wrong one first"),
    ErrorEntry(
      "POOL_JOINING_SM_FEATURES_INCOMPATIBLE", "The storage drivers of this host and the pool differ",
      "Bring both to the same version and updates first"),
  ]
}
