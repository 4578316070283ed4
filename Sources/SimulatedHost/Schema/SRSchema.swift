extension SchemaText {
  static let sr = SchemaText(
    name: "SR",
    text: """
    RO uuid: string
    C name_label: string
    C name_description: string
    RO PBDs: PBD ref set
    RO VDIs: VDI ref set
    RO allowed_operations: enum storage_operations set
    RO blobs: (string -> blob ref) map
    RO clustered: bool
    C content_type: string
    RO current_operations: (string -> enum storage_operations) map
    RO introduced_by: DR_task ref
    RO is_tools_sr: bool
    RO local_cache_enabled: bool
    RW other_config: (string -> string) map
    C physical_size: int
    RO physical_utilisation: int
    RO shared: bool
    RW sm_config: (string -> string) map
    RW tags: string set
    C type: string
    RO virtual_allocation: int
    enum storage_operations: scan destroy forget plug unplug update vdi_create vdi_introduce vdi_destroy \
      vdi_resize vdi_clone vdi_snapshot vdi_mirror vdi_enable_cbt vdi_disable_cbt vdi_data_destroy \
      vdi_list_changed_blocks vdi_set_on_boot pbd_create pbd_destroy
    call assert_can_host_ha_statefile(sr: SR ref)
    call assert_supports_database_replication(sr: SR ref)
    call create(host: host ref, device_config: (string -> string) map, physical_size: int, name_label: string, \
      name_description: string, type: string, content_type: string, shared: bool, sm_config: (string -> string) \
      map) -> SR ref
    call create_new_blob(sr: SR ref, name: string, mime_type: string, public: bool) -> blob ref
    call destroy(sr: SR ref)
    call disable_database_replication(sr: SR ref)
    call enable_database_replication(sr: SR ref)
    call forget(sr: SR ref)
    call forget_data_source_archives(sr: SR ref, data_source: string)
    call get_data_sources(sr: SR ref) -> data_source record set
    call get_supported_types() -> string set
    call introduce(uuid: string, name_label: string, name_description: string, type: string, content_type: \
      string, shared: bool, sm_config: (string -> string) map) -> SR ref
    call make(host: host ref, device_config: (string -> string) map, physical_size: int, name_label: string, \
      name_description: string, type: string, content_type: string, sm_config: (string -> string) map) -> string
    call probe(host: host ref, device_config: (string -> string) map, type: string, sm_config: (string -> \
      string) map) -> string
    call probe_ext(host: host ref, device_config: (string -> string) map, type: string, sm_config: (string -> \
      string) map) -> probe_result record set
    call query_data_source(sr: SR ref, data_source: string) -> float
    call record_data_source(sr: SR ref, data_source: string)
    call scan(sr: SR ref)
    call set_name_description(sr: SR ref, value: string)
    call set_name_label(sr: SR ref, value: string)
    call set_physical_size(self: SR ref, value: int)
    call set_shared(sr: SR ref, value: bool)
    call update(sr: SR ref)
    """)
}
