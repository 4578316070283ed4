extension SchemaText {
  static let vmMetrics = SchemaText(
    name: "VM_metrics",
    text: """
    RO uuid: string
    RO memory_actual: int
    RO VCPUs_number: int
    RO VCPUs_utilisation: (int -> float) map
    RO VCPUs_CPU: (int -> int) map
    RO VCPUs_params: (string -> string) map
    RO VCPUs_flags: (int -> string set) map
    RO state: string set
    RO start_time: datetime
    RO install_time: datetime
    RO last_updated: datetime
    RW other_config: (string -> string) map
    RO hvm: bool
    RO nested_virt: bool
    RO nomigrate: bool
    RO current_domain_type: enum domain_type = unspecified
    RO numa_optimised: bool @26.17
    RO numa_nodes: int @26.17
    RO numa_node_memory: (int -> int) map @26.17
    enum domain_type: hvm pv pv_in_pvh pvh unspecified
    """)
}
