extension SchemaText {
  static let pool = SchemaText(
    name: "pool",
    text: """
    RO uuid: string
    RW name_label: string
    RW name_description: string
    RO master: host ref
    RW default_SR: SR ref
    RW suspend_image_SR: SR ref
    RW crash_dump_SR: SR ref
    RW other_config: (string -> string) map
    RO ha_enabled: bool
    RO ha_configuration: (string -> string) map
    RO ha_statefiles: string set
    RO ha_host_failures_to_tolerate: int
    RO ha_plan_exists_for: int
    RW ha_allow_overcommit: bool
    RO ha_overcommitted: bool
    RO blobs: (string -> blob ref) map
    RW tags: string set
    RW gui_config: (string -> string) map
    RW health_check_config: (string -> string) map
    RO wlb_url: string
    RO wlb_username: string
    RW wlb_enabled: bool
    RW wlb_verify_cert: bool
    RO redo_log_enabled: bool
    RO redo_log_vdi: VDI ref
    RO vswitch_controller: string
    RO restrictions: (string -> string) map
    RO metadata_VDIs: VDI ref set
    RO ha_cluster_stack: string
    RO allowed_operations: enum pool_allowed_operations set
    RO current_operations: (string -> enum pool_allowed_operations) map
    RO guest_agent_config: (string -> string) map
    RO cpu_info: (string -> string) map
    RW policy_no_vendor_device: bool
    RW live_patching_disabled: bool
    RO igmp_snooping_enabled: bool
    C uefi_certificates: string
    C custom_uefi_certificates: string
    RW is_psr_pending: bool
    RO tls_verification_enabled: bool
    RO repositories: Repository ref set
    RO client_certificate_auth_enabled: bool
    RO client_certificate_auth_name: string
    RO repository_proxy_url: string
    RO repository_proxy_username: string
    RO repository_proxy_password: secret ref
    RW migration_compression: bool
    RW coordinator_bias: bool = true
    C local_auth_max_threads: int = 8
    C ext_auth_max_threads: int = 1
    RO ext_auth_cache_enabled: bool
    RO ext_auth_cache_size: int = 50
    RO ext_auth_cache_expiry: int = 300
    RO telemetry_uuid: secret ref
    RO telemetry_frequency: enum telemetry_frequency = weekly
    RO telemetry_next_collection: datetime
    RO last_update_sync: datetime
    RO update_sync_frequency: enum update_sync_frequency = weekly
    RO update_sync_day: int
    RO update_sync_enabled: bool
    RO recommendations: (string -> string) map
    RO license_server: (string -> string) map
    RO ha_reboot_vm_on_internal_shutdown: bool = true
    RW limit_console_sessions: bool
    RW vm_console_idle_timeout: int
    RO auto_update_vm_secureboot_certificates: bool @26.17
    enum pool_allowed_operations: ha_enable ha_disable cluster_create designate_new_master \
      configure_repositories sync_updates get_updates apply_updates tls_verification_enable cert_refresh \
      exchange_certificates_on_join exchange_ca_certificates_on_join copy_primary_host_certs eject
    enum telemetry_frequency: daily weekly monthly
    enum update_sync_frequency: daily weekly
    call add_repository(self: pool ref, value: Repository ref)
    call add_to_guest_agent_config(self: pool ref, key: string, value: string)
    call apply_edition(self: pool ref, edition: string)
    call certificate_install(name: string, cert: string)
    call certificate_list() -> string set
    call certificate_sync()
    call certificate_uninstall(name: string)
    call check_update_readiness(self: pool ref, requires_reboot: bool) -> string set set
    call configure_repository_proxy(self: pool ref, url: string, username: string, password: string)
    call configure_update_sync(self: pool ref, update_sync_frequency: enum update_sync_frequency, \
      update_sync_day: int)
    call create_VLAN(device: string, network: network ref, VLAN: int) -> PIF ref set
    call create_VLAN_from_PIF(pif: PIF ref, network: network ref, VLAN: int) -> PIF ref set
    call create_new_blob(pool: pool ref, name: string, mime_type: string, public: bool) -> blob ref
    call crl_install(name: string, cert: string)
    call crl_list() -> string set
    call crl_uninstall(name: string)
    call deconfigure_wlb()
    call designate_new_master(host: host ref)
    call detect_nonhomogeneous_external_auth(pool: pool ref)
    call disable_client_certificate_auth(self: pool ref)
    call disable_external_auth(pool: pool ref, config: (string -> string) map)
    call disable_ha()
    call disable_local_storage_caching(self: pool ref)
    call disable_redo_log()
    call disable_repository_proxy(self: pool ref)
    call disable_ssl_legacy(self: pool ref)
    call eject(host: host ref)
    call emergency_reset_master(master_address: string)
    call emergency_transition_to_master()
    call enable_client_certificate_auth(self: pool ref, name: string)
    call enable_external_auth(pool: pool ref, config: (string -> string) map, service_name: string, auth_type: \
      string)
    call enable_ha(heartbeat_srs: SR ref set, configuration: (string -> string) map)
    call enable_local_storage_caching(self: pool ref)
    call enable_redo_log(sr: SR ref)
    call enable_ssl_legacy(self: pool ref) removed
    call enable_tls_verification()
    call get_license_state(self: pool ref) -> (string -> string) map
    call ha_compute_hypothetical_max_host_failures_to_tolerate(configuration: (VM ref -> string) map) -> int
    call ha_compute_max_host_failures_to_tolerate() -> int
    call ha_compute_vm_failover_plan(failed_hosts: host ref set, failed_vms: VM ref set) -> (VM ref -> (string \
      -> string) map) map
    call ha_failover_plan_exists(n: int) -> bool
    call ha_prevent_restarts_for(seconds: int)
    call has_extension(self: pool ref, name: string) -> bool
    call initialize_wlb(wlb_url: string, wlb_username: string, wlb_password: string, xenserver_username: string, \
      xenserver_password: string)
    call install_ca_certificate(name: string, cert: string)
    call join(master_address: string, master_username: string, master_password: string)
    call join_force(master_address: string, master_username: string, master_password: string)
    call management_reconfigure(network: network ref)
    call recover_slaves() -> host ref set
    call remove_from_guest_agent_config(self: pool ref, key: string)
    call remove_repository(self: pool ref, value: Repository ref)
    call reset_telemetry_uuid(self: pool ref)
    call retrieve_wlb_configuration() -> (string -> string) map
    call retrieve_wlb_recommendations() -> (VM ref -> string set) map
    call rotate_secret()
    call send_test_post(host: string, port: int, body: string) -> string
    call send_wlb_configuration(config: (string -> string) map)
    call set_custom_uefi_certificates(self: pool ref, value: string)
    call set_ext_auth_max_threads(self: pool ref, value: int)
    call set_ha_host_failures_to_tolerate(self: pool ref, value: int)
    call set_https_only(self: pool ref, value: bool)
    call set_igmp_snooping_enabled(self: pool ref, value: bool)
    call set_local_auth_max_threads(self: pool ref, value: int)
    call set_repositories(self: pool ref, value: Repository ref set)
    call set_telemetry_next_collection(self: pool ref, value: datetime)
    call set_uefi_certificates(self: pool ref, value: string)
    call set_update_sync_enabled(self: pool ref, value: bool)
    call set_vswitch_controller(address: string)
    call sync_database()
    call sync_updates(self: pool ref, force: bool, token: string, token_id: string) -> string
    call test_archive_target(self: pool ref, config: (string -> string) map) -> string
    call uninstall_ca_certificate(name: string)
    call is_slave(host: host ref) -> bool
    """)
}
