extension SchemaText {
  static let cluster = SchemaText(
    name: "Cluster",
    text: """
    RO uuid: string
    RO allowed_operations: enum cluster_operation set
    C cluster_config: (string -> string) map
    RO cluster_hosts: Cluster_host ref set
    C cluster_stack: string = "corosync"
    C cluster_token: string
    RO current_operations: (string -> enum cluster_operation) map
    RO is_quorate: bool
    RO live_hosts: int
    RW other_config: (string -> string) map
    RO pending_forget: string set
    C pool_auto_join: bool = true
    RO quorum: int
    C token_timeout: float = 20.
    C token_timeout_coefficient: float = 1.
    enum cluster_operation: add remove enable disable destroy
    call create(PIF: PIF ref, cluster_stack: string, pool_auto_join: bool, token_timeout: float, \
      token_timeout_coefficient: float) -> Cluster ref
    call destroy(self: Cluster ref)
    call get_network(self: Cluster ref) -> network ref
    call pool_create(network: network ref, cluster_stack: string, token_timeout: float, \
      token_timeout_coefficient: float) -> Cluster ref
    call pool_destroy(self: Cluster ref)
    call pool_force_destroy(self: Cluster ref)
    call pool_resync(self: Cluster ref)
    """)
}
