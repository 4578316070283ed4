import JSON

/// Calls that the coordinator passes on to the host whose object they change: that must be there (XAPI notes §3.0).
enum Forwarding {
  /// Calls whose first argument is the host.
  private static let byHost: Set<String> = [
    "host.set_hostname_live", "host.reboot", "host.shutdown", "host.restart_agent", "host.syslog_reconfigure",
    "host.evacuate", "host.enable", "host.disable", "PIF.scan", "PIF.introduce", "host.set_ntp_mode",
    "host.set_ntp_custom_servers", "host.get_ntp_servers_status", "host.get_ntp_synchronized", "host.enable_ssh",
    "host.disable_ssh", "host.set_ssh_enabled_timeout", "host.set_ssh_auto_mode", "host.set_console_idle_timeout",
    "host.sync_data", "host.get_servertime", "host.get_server_localtime",
  ]
  /// Calls whose first argument is a PIF.
  private static let byPIF: Set<String> = [
    "PIF.plug", "PIF.unplug", "PIF.reconfigure_ip", "PIF.reconfigure_ipv6", "PIF.forget", "PIF.set_property",
    "PIF.set_primary_address_type", "host.management_reconfigure", "VLAN.create", "tunnel.create",
    "network_sriov.create",
  ]
  /// The rest: class and field of the PIF that tells the host.
  private static let byField: [String: (owner: String, field: String)] = [
    "Bond.destroy": ("Bond", "master"), "Bond.set_mode": ("Bond", "master"), "Bond.set_property": ("Bond", "master"),
    "VLAN.destroy": ("VLAN", "tagged_PIF"), "tunnel.destroy": ("tunnel", "transport_PIF"),
    "network_sriov.destroy": ("network_sriov", "physical_PIF"),
  ]

  static func check(_ method: String, _ arguments: Arguments, _ world: World) throws(APIError) {
    guard let host = host(of: method, arguments, world), host != world.thisHost, world.database.exists("host", host) else {
      return
    }
    if !world.isLive(host) { throw APIError("HOST_OFFLINE", host) }
  }

  private static func host(of method: String, _ arguments: Arguments, _ world: World) -> String? {
    let first = arguments.string(0)
    func owner(_ pif: String?) -> String? { pif.map { world.database.string("PIF", $0, "host") } }
    if byHost.contains(method) { return first }
    if byPIF.contains(method) { return owner(first) }
    if let place = byField[method] { return owner(world.database.string(place.owner, first, place.field)) }
    return method == "Bond.create" ? owner(arguments.strings(1).first) : nil
  }
}
