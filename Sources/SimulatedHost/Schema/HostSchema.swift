extension SchemaText {
  static let host = SchemaText(
    name: "host",
    text: """
    RO uuid: string
    RW name_label: string
    RW name_description: string
    RO memory_overhead: int
    RO allowed_operations: enum host_allowed_operations set
    RO current_operations: (string -> enum host_allowed_operations) map
    RO API_version_major: int
    RO API_version_minor: int
    RO API_version_vendor: string
    RO API_version_vendor_implementation: (string -> string) map
    RO enabled: bool
    C software_version: (string -> string) map
    RW other_config: (string -> string) map
    C capabilities: string set
    RO cpu_configuration: (string -> string) map
    RO sched_policy: string
    RO supported_bootloaders: string set
    RO resident_VMs: VM ref set
    RW logging: (string -> string) map
    RO PIFs: PIF ref set
    RW suspend_image_sr: SR ref
    RW crash_dump_sr: SR ref
    RO crashdumps: host_crashdump ref set
    RO patches: host_patch ref set
    RO updates: pool_update ref set
    RO PBDs: PBD ref set
    RO host_CPUs: host_cpu ref set
    RO cpu_info: (string -> string) map
    RW hostname: string
    RW address: string
    RO metrics: host_metrics ref
    RO license_params: (string -> string) map
    RO ha_statefiles: string set
    RO ha_network_peers: string set
    RO blobs: (string -> blob ref) map
    RW tags: string set
    RO external_auth_type: string
    RO external_auth_service_name: string
    RO external_auth_configuration: (string -> string) map
    RO edition: string
    RW license_server: (string -> string) map = {"address" -> "localhost", "port" -> "27000"}
    RO bios_strings: (string -> string) map
    RO power_on_mode: string
    RO power_on_config: (string -> string) map
    C local_cache_sr: SR ref
    RO chipset_info: (string -> string) map
    RO PCIs: PCI ref set
    RO PGPUs: PGPU ref set
    RO PUSBs: PUSB ref set
    C ssl_legacy: bool = true
    RW guest_VCPUs_params: (string -> string) map
    RW display: enum host_display = enabled
    RO virtual_hardware_platform_versions: int set = {0}
    RO control_domain: VM ref
    RO updates_requiring_reboot: pool_update ref set
    RO features: Feature ref set
    C iscsi_iqn: string
    C multipathing: bool
    C uefi_certificates: string
    RO certificates: Certificate ref set
    RO editions: string set
    RO pending_guidances: enum update_guidances set
    RO tls_verification_enabled: bool @26
    RO last_software_update: datetime @26
    RO https_only: bool @26
    RO latest_synced_updates_applied: enum latest_synced_updates_applied_state = unknown @26
    RO numa_affinity_policy: enum host_numa_affinity_policy = default_policy @26
    RO pending_guidances_recommended: enum update_guidances set @26
    RO pending_guidances_full: enum update_guidances set @26
    RO last_update_hash: string @26
    RO ssh_enabled: bool @26
    RO ssh_enabled_timeout: int @26
    RO ssh_expiry: datetime @26
    RO console_idle_timeout: int @26
    RO ssh_auto_mode: bool = true @26
    RO max_cstate: string @26
    RO secure_boot: bool @26
    RO ntp_mode: enum host_ntp_mode = Factory @26
    RO ntp_custom_servers: string set @26
    RO timezone: string = "Etc/UTC" @26
    enum host_allowed_operations: provision evacuate shutdown reboot power_on vm_start vm_resume vm_migrate \
      apply_updates enable
    enum host_display: enabled disable_on_reboot disabled enable_on_reboot
    enum host_numa_affinity_policy: any best_effort default_policy
    enum host_sched_gran: core cpu socket
    enum latest_synced_updates_applied_state: yes no unknown
    enum update_guidances: reboot_host reboot_host_on_livepatch_failure reboot_host_on_kernel_livepatch_failure \
      reboot_host_on_xen_livepatch_failure restart_toolstack restart_device_model restart_vm
    enum host_ntp_mode: DHCP Custom Factory Disabled
    call apply_edition(host: host ref, edition: string, force: bool)
    call apply_recommended_guidances(self: host ref) removed
    call apply_updates(self: host ref, hash: string) -> string set set
    call assert_can_evacuate(host: host ref)
    call backup_rrds(host: host ref, delay: float)
    call bugreport_upload(host: host ref, url: string, options: (string -> string) map)
    call call_extension(host: host ref, call: string) -> string
    call call_plugin(host: host ref, plugin: string, fn: string, args: (string -> string) map) -> string
    call compute_free_memory(host: host ref) -> int
    call compute_memory_overhead(host: host ref) -> int
    call create_new_blob(host: host ref, name: string, mime_type: string, public: bool) -> blob ref
    call declare_dead(host: host ref)
    call destroy(self: host ref)
    call disable(host: host ref)
    call disable_display(host: host ref) -> enum host_display
    call disable_external_auth(host: host ref, config: (string -> string) map)
    call disable_local_storage_caching(host: host ref)
    call dmesg(host: host ref) -> string
    call dmesg_clear(host: host ref) -> string
    call emergency_clear_mandatory_guidance()
    call emergency_disable_tls_verification()
    call emergency_ha_disable(soft?: bool)
    call emergency_reenable_tls_verification()
    call emergency_reset_server_certificate()
    call enable(host: host ref)
    call enable_display(host: host ref) -> enum host_display
    call enable_external_auth(host: host ref, config: (string -> string) map, service_name: string, auth_type: \
      string)
    call enable_local_storage_caching(host: host ref, sr: SR ref)
    call evacuate(host: host ref, network?: network ref, evacuate_batch_size?: int)
    call forget_data_source_archives(host: host ref, data_source: string)
    call get_data_sources(host: host ref) -> data_source record set
    call get_log(host: host ref) -> string
    call get_management_interface(host: host ref) -> PIF ref
    call get_sched_gran(self: host ref) -> enum host_sched_gran
    call get_server_certificate(host: host ref) -> string
    call get_server_localtime(host: host ref) -> datetime
    call get_servertime(host: host ref) -> datetime
    call get_system_status_capabilities(host: host ref) -> string
    call get_uncooperative_resident_VMs(self: host ref) -> VM ref set
    call get_vms_which_prevent_evacuation(self: host ref) -> (VM ref -> string set) map
    call has_extension(host: host ref, name: string) -> bool
    call install_server_certificate(host: host ref, certificate: string, private_key: string, certificate_chain: \
      string)
    call license_add(host: host ref, contents: string)
    call license_apply(host: host ref, contents: string) removed
    call license_remove(host: host ref)
    call list_methods() -> string set
    call local_management_reconfigure(interface: string)
    call management_disable()
    call management_reconfigure(pif: PIF ref)
    call migrate_receive(host: host ref, network: network ref, options: (string -> string) map) -> (string -> \
      string) map
    call power_on(host: host ref)
    call query_data_source(host: host ref, data_source: string) -> float
    call reboot(host: host ref)
    call record_data_source(host: host ref, data_source: string)
    call refresh_pack_info(host: host ref)
    call refresh_server_certificate(host: host ref)
    call reset_cpu_features(host: host ref) removed
    call reset_server_certificate(host: host ref)
    call restart_agent(host: host ref)
    call retrieve_wlb_evacuate_recommendations(self: host ref) -> (VM ref -> string set) map
    call send_debug_keys(host: host ref, keys: string)
    call set_cpu_features(host: host ref, features: string) removed
    call set_hostname_live(host: host ref, hostname: string)
    call set_https_only(self: host ref, value: bool)
    call set_iscsi_iqn(host: host ref, value: string)
    call set_multipathing(host: host ref, value: bool)
    call set_numa_affinity_policy(self: host ref, value: enum host_numa_affinity_policy)
    call set_power_on_mode(self: host ref, power_on_mode: string, power_on_config: (string -> string) map)
    call set_sched_gran(self: host ref, value: enum host_sched_gran)
    call set_ssl_legacy(self: host ref, value: bool)
    call set_uefi_certificates(host: host ref, value: string)
    call shutdown(host: host ref)
    call shutdown_agent()
    call sync_data(host: host ref)
    call syslog_reconfigure(host: host ref)
    call is_in_emergency_mode() -> bool
    call local_assert_healthy()
    call signal_networking_change()
    call set_ntp_mode(self: host ref, value: enum host_ntp_mode) @26
    call set_ntp_custom_servers(self: host ref, value: string set) @26
    call get_ntp_servers_status(self: host ref) -> (string -> string) map @26
    call get_ntp_synchronized(self: host ref) -> bool @26
    call enable_ssh(self: host ref) @26
    call disable_ssh(self: host ref) @26
    call set_ssh_enabled_timeout(self: host ref, value: int) @26
    call set_ssh_auto_mode(self: host ref, value: bool) @26
    call set_console_idle_timeout(self: host ref, value: int) @26
    """)
}
