extension SchemaText {
  static let vm = SchemaText(
    name: "VM",
    text: """
    RO uuid: string
    RO allowed_operations: enum vm_operations set
    RO current_operations: (string -> enum vm_operations) map
    RW name_label: string
    RW name_description: string
    C power_state: enum vm_power_state = Halted
    RW user_version: int
    RW is_a_template: bool
    RO is_default_template: bool
    C suspend_VDI: VDI ref
    RO resident_on: host ref
    RO scheduled_to_be_resident_on: host ref
    RW affinity: host ref
    RO memory_overhead: int
    C memory_target: int
    C memory_static_max: int
    C memory_dynamic_max: int
    C memory_dynamic_min: int
    C memory_static_min: int
    RW VCPUs_params: (string -> string) map
    C VCPUs_max: int
    C VCPUs_at_startup: int
    RW actions_after_softreboot: enum on_softreboot_behavior = soft_reboot
    RW actions_after_shutdown: enum on_normal_exit
    RW actions_after_reboot: enum on_normal_exit
    C actions_after_crash: enum on_crash_behaviour
    RO consoles: console ref set
    RO VIFs: VIF ref set
    RO VBDs: VBD ref set
    RO VUSBs: VUSB ref set
    RO crash_dumps: crashdump ref set
    RO VTPMs: VTPM ref set
    RW PV_bootloader: string
    RW PV_kernel: string
    RW PV_ramdisk: string
    RW PV_args: string
    RW PV_bootloader_args: string
    RW PV_legacy_args: string
    C HVM_boot_policy: string
    RW HVM_boot_params: (string -> string) map
    C HVM_shadow_multiplier: float = 1.
    RW platform: (string -> string) map
    RW PCI_bus: string
    RW other_config: (string -> string) map
    RO domid: int
    RO domarch: string
    C last_boot_CPU_flags: (string -> string) map
    RO is_control_domain: bool
    RO metrics: VM_metrics ref
    RO guest_metrics: VM_guest_metrics ref
    C last_booted_record: string
    RW recommendations: string
    RW xenstore_data: (string -> string) map
    C ha_always_run: bool
    C ha_restart_priority: string
    RO is_a_snapshot: bool
    RO snapshot_of: VM ref
    RO snapshots: VM ref set
    RO snapshot_time: datetime
    RO transportable_snapshot_id: string
    RO blobs: (string -> blob ref) map
    RW tags: string set
    RW blocked_operations: (enum vm_operations -> string) map
    RO snapshot_info: (string -> string) map
    RO snapshot_metadata: string
    RO parent: VM ref
    RO children: VM ref set
    RO bios_strings: (string -> string) map
    C protection_policy: VMPP ref
    C is_snapshot_from_vmpp: bool
    C snapshot_schedule: VMSS ref
    C is_vmss_snapshot: bool
    C appliance: VM_appliance ref
    C start_delay: int
    C shutdown_delay: int
    C order: int
    RO VGPUs: VGPU ref set
    RO attached_PCIs: PCI ref set
    RW suspend_SR: SR ref
    C version: int
    C generation_id: string = "0:0"
    RW hardware_platform_version: int
    C has_vendor_device: bool
    RO requires_reboot: bool
    C reference_label: string
    C domain_type: enum domain_type = unspecified
    C NVRAM: (string -> string) map
    RO pending_guidances: enum update_guidances set
    RO pending_guidances_recommended: enum update_guidances set
    RO pending_guidances_full: enum update_guidances set
    RO groups: VM_group ref set
    RO secureboot_certificates_state: enum vm_secureboot_certificates_state = ok @26.17
    enum domain_type: hvm pv pv_in_pvh pvh unspecified
    enum on_crash_behaviour: destroy coredump_and_destroy restart coredump_and_restart preserve rename_restart
    enum on_normal_exit: destroy restart
    enum on_softreboot_behavior: soft_reboot destroy restart preserve
    enum update_guidances: reboot_host reboot_host_on_livepatch_failure reboot_host_on_kernel_livepatch_failure \
      reboot_host_on_xen_livepatch_failure restart_toolstack restart_device_model restart_vm
    enum vm_operations: snapshot clone copy create_template revert checkpoint snapshot_with_quiesce provision \
      start start_on pause unpause clean_shutdown clean_reboot hard_shutdown power_state_reset hard_reboot \
      suspend csvm resume resume_on pool_migrate migrate_send get_boot_record send_sysrq send_trigger \
      query_services shutdown call_plugin changing_memory_live awaiting_memory_live changing_dynamic_range \
      changing_static_range changing_memory_limits changing_shadow_memory changing_shadow_memory_live \
      changing_VCPUs changing_VCPUs_live changing_NVRAM assert_operation_valid data_source_op \
      update_allowed_operations make_into_template import export metadata_export reverting destroy create_vtpm
    enum vm_power_state: Halted Paused Running Suspended
    enum vm_secureboot_certificates_state: ok
    call add_to_NVRAM(self: VM ref, key: string, value: string)
    call add_to_VCPUs_params_live(self: VM ref, key: string, value: string)
    call assert_agile(self: VM ref)
    call assert_can_be_recovered(self: VM ref, session_to: session ref)
    call assert_can_boot_here(self: VM ref, host: host ref)
    call assert_can_migrate(vm: VM ref, dest: (string -> string) map, live: bool, vdi_map: (VDI ref -> SR ref) \
      map, vif_map: (VIF ref -> network ref) map, options: (string -> string) map, vgpu_map: (VGPU ref -> \
      GPU_group ref) map)
    call assert_operation_valid(self: VM ref, op: enum vm_operations)
    call call_plugin(vm: VM ref, plugin: string, fn: string, args: (string -> string) map) -> string
    call checkpoint(vm: VM ref, new_name: string) -> VM ref
    call clean_reboot(vm: VM ref)
    call clean_shutdown(vm: VM ref)
    call clone(vm: VM ref, new_name: string) -> VM ref
    call compute_memory_overhead(vm: VM ref) -> int
    call copy(vm: VM ref, new_name: string, sr: SR ref) -> VM ref
    call copy_bios_strings(vm: VM ref, host: host ref)
    call create(args: VM record) -> VM ref
    call create_new_blob(vm: VM ref, name: string, mime_type: string, public: bool) -> blob ref
    call destroy(self: VM ref)
    call forget_data_source_archives(self: VM ref, data_source: string)
    call get_SRs_required_for_recovery(self: VM ref, session_to: session ref) -> SR ref set
    call get_allowed_VBD_devices(vm: VM ref) -> string set
    call get_allowed_VIF_devices(vm: VM ref) -> string set
    call get_boot_record(self: VM ref) -> VM record
    call get_cooperative(self: VM ref) -> bool
    call get_data_sources(self: VM ref) -> data_source record set
    call get_possible_hosts(vm: VM ref) -> host ref set
    call hard_reboot(vm: VM ref)
    call hard_shutdown(vm: VM ref)
    call import(url: string, sr: SR ref, full_restore: bool, force: bool) -> VM ref set
    call import_convert(type: string, username: string, password: string, sr: SR ref, remote_config: (string -> \
      string) map)
    call maximise_memory(self: VM ref, total: int, approximate: bool) -> int
    call migrate_send(vm: VM ref, dest: (string -> string) map, live: bool, vdi_map: (VDI ref -> SR ref) map, \
      vif_map: (VIF ref -> network ref) map, options: (string -> string) map, vgpu_map: (VGPU ref -> GPU_group \
      ref) map) -> VM ref
    call pause(vm: VM ref)
    call pool_migrate(vm: VM ref, host: host ref, options: (string -> string) map)
    call power_state_reset(vm: VM ref)
    call provision(vm: VM ref)
    call query_data_source(self: VM ref, data_source: string) -> float
    call query_services(self: VM ref) -> (string -> string) map
    call record_data_source(self: VM ref, data_source: string)
    call recover(self: VM ref, session_to: session ref, force: bool)
    call remove_from_NVRAM(self: VM ref, key: string)
    call restart_device_models(self: VM ref)
    call resume(vm: VM ref, start_paused: bool, force: bool)
    call resume_on(vm: VM ref, host: host ref, start_paused: bool, force: bool)
    call retrieve_wlb_recommendations(vm: VM ref) -> (host ref -> string set) map
    call revert(snapshot: VM ref)
    call send_sysrq(vm: VM ref, key: string)
    call send_trigger(vm: VM ref, trigger: string)
    call set_HVM_boot_policy(self: VM ref, value: string)
    call set_HVM_shadow_multiplier(self: VM ref, value: float)
    call set_NVRAM(self: VM ref, value: (string -> string) map)
    call set_VCPUs_at_startup(self: VM ref, value: int)
    call set_VCPUs_max(self: VM ref, value: int)
    call set_VCPUs_number_live(self: VM ref, nvcpu: int)
    call set_actions_after_crash(self: VM ref, value: enum on_crash_behaviour)
    call set_appliance(self: VM ref, value: VM_appliance ref)
    call set_bios_strings(self: VM ref, value: (string -> string) map)
    call set_domain_type(self: VM ref, value: enum domain_type)
    call set_ha_always_run(self: VM ref, value: bool)
    call set_ha_restart_priority(self: VM ref, value: string)
    call set_has_vendor_device(self: VM ref, value: bool)
    call set_memory(self: VM ref, value: int)
    call set_memory_dynamic_max(self: VM ref, value: int)
    call set_memory_dynamic_min(self: VM ref, value: int)
    call set_memory_dynamic_range(self: VM ref, min: int, max: int)
    call set_memory_limits(self: VM ref, static_min: int, static_max: int, dynamic_min: int, dynamic_max: int)
    call set_memory_static_max(self: VM ref, value: int)
    call set_memory_static_min(self: VM ref, value: int)
    call set_memory_static_range(self: VM ref, min: int, max: int)
    call set_memory_target_live(self: VM ref, target: int)
    call set_order(self: VM ref, value: int)
    call set_protection_policy(self: VM ref, value: VMPP ref) removed
    call set_shadow_multiplier_live(self: VM ref, multiplier: float)
    call set_shutdown_delay(self: VM ref, value: int)
    call set_snapshot_schedule(self: VM ref, value: VMSS ref)
    call set_start_delay(self: VM ref, value: int)
    call set_suspend_VDI(self: VM ref, value: VDI ref)
    call shutdown(vm: VM ref)
    call snapshot(vm: VM ref, new_name: string, ignore_vdis: VDI ref set) -> VM ref
    call snapshot_with_quiesce(vm: VM ref, new_name: string) -> VM ref removed
    call start(vm: VM ref, start_paused: bool, force: bool)
    call start_on(vm: VM ref, host: host ref, start_paused: bool, force: bool)
    call suspend(vm: VM ref)
    call unpause(vm: VM ref)
    call update_allowed_operations(self: VM ref)
    call wait_memory_target_live(self: VM ref)
    """)
}
