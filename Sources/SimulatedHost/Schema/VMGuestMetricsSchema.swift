extension SchemaText {
  static let vmGuestMetrics = SchemaText(
    name: "VM_guest_metrics",
    text: """
    RO uuid: string
    RO PV_drivers_detected: bool
    RO PV_drivers_up_to_date: bool
    RO PV_drivers_version: (string -> string) map
    RO can_use_hotplug_vbd: enum tristate_type = unspecified
    RO can_use_hotplug_vif: enum tristate_type = unspecified
    RO disks: (string -> string) map
    RO last_updated: datetime
    RO live: bool
    RO memory: (string -> string) map
    RO networks: (string -> string) map
    RO os_version: (string -> string) map
    RO other: (string -> string) map
    RW other_config: (string -> string) map
    enum tristate_type: yes no unspecified
    """)
}
