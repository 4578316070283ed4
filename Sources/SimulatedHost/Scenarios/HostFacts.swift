import JSON

/// What a host of XCP-ng 8.3 says about itself, the same on every one.
enum HostFacts {
  static let softwareVersion: JSONObject = [
    "build_number": "8.3.0", "date": "20260115T10:12:44Z", "db_schema": "5.793", "dbv": "2026.0101",
    "hostname": "localhost",
    "linux": "4.19.0+1", "network_backend": "openvswitch", "platform_name": "XCP", "platform_version": "3.4.0",
    "product_brand": "XCP-ng", "product_version": "8.3.0", "product_version_text": "8.3",
    "product_version_text_short": "8.3", "xapi": "26.1", "xapi_build": "26.1.3", "xen": "4.17.6-2",
    "xencenter_max": "2.21", "xencenter_min": "2.21",
  ]

  static let cpuInfo: JSONObject = [
    "cpu_count": "32", "socket_count": "2", "nr_nodes": "2", "threads_per_core": "2", "vendor": "GenuineIntel",
    "speed": "2394.454", "modelname": "Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz", "family": "6", "model": "106",
    "stepping": "6",
    "flags": "fpu de tsc msr pae mce cx8 apic sep mca cmov pat clflush mmx fxsr sse sse2 ht syscall nx lm",
  ]

  static func biosStrings(serial: String) -> JSONObject {
    [
      "bios-vendor": "Dell Inc.", "bios-version": "1.13.2", "system-manufacturer": "Dell Inc.",
      "system-product-name": "PowerEdge R650", "system-version": "", "system-serial-number": .string(serial),
      "baseboard-manufacturer": "Dell Inc.", "baseboard-product-name": "0PYXKY", "baseboard-version": "A03",
      "baseboard-serial-number": "", "oem-1": "Xen",
      "oem-2": "MS_VM_CERT/SHA1/bdbeb6e0a816d43fa6d3fe8aaef04c2bad9d3e3d",
      "hp-rombios": "",
    ]
  }

  /// Licence flags: XCP-ng restricts nothing but the clustering daemon it does not have.
  static let restrictions: JSONObject = {
    var all: JSONObject = ["enable_xha": "true", "restrict_corosync": "true"]
    for feature in [
      "ad", "checkpoint", "igmp_snooping", "management_on_vlan", "network_sriov", "pooling", "pool_size", "qos", "rbac",
      "sdn_controller", "vif_locking", "vlan", "vswitch_controller", "guest_ip_setting", "wlb", "xen_motion",
    ] {
      all.append("restrict_\(feature)", "false")
    }
    return all
  }()
}
