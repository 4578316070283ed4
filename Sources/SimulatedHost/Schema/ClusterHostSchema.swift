extension SchemaText {
  static let clusterHost = SchemaText(
    name: "Cluster_host",
    text: """
    RO uuid: string
    C PIF: PIF ref
    RO allowed_operations: enum cluster_host_operation set
    C cluster: Cluster ref
    RO current_operations: (string -> enum cluster_host_operation) map
    RO enabled: bool
    C host: host ref
    RO joined: bool = true
    RO last_update_live: datetime
    RO live: bool
    C other_config: (string -> string) map
    enum cluster_host_operation: enable disable destroy
    call create(cluster: Cluster ref, host: host ref, pif: PIF ref) -> Cluster_host ref
    call destroy(self: Cluster_host ref)
    call disable(self: Cluster_host ref)
    call enable(self: Cluster_host ref)
    call force_destroy(self: Cluster_host ref)
    """)
}
