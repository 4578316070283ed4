extension World {
  /// `/etc/xensource-inventory` of this host: `KEY='value'`, one a line.
  var inventory: String {
    let version = database.get("host", thisHost, "software_version")
    let pifs = database.strings("host", thisHost, "PIFs")
    func bridge(_ pif: String) -> String {
      database.string("network", database.string("PIF", pif, "network"), "bridge")
    }
    let management = pifs.first { database.bool("PIF", $0, "management") }
    let attached = pifs.filter { database.bool("PIF", $0, "currently_attached") }.map(bridge).sorted()
    let dom0 = database.string("host", thisHost, "control_domain")
    let entries = [
      ("PRODUCT_VERSION", version?["product_version"]?.string ?? ""),
      ("CONTROL_DOMAIN_UUID", database.string("VM", dom0, "uuid")),
      ("COMPANY_NAME_SHORT", "Open Source"),
      ("MANAGEMENT_ADDRESS_TYPE", management.map { database.string("PIF", $0, "primary_address_type") } ?? "IPv4"),
      ("PRODUCT_VERSION_TEXT", version?["product_version_text"]?.string ?? ""),
      ("PRODUCT_BRAND", version?["product_brand"]?.string ?? ""),
      ("INSTALLATION_UUID", database.string("host", thisHost, "uuid")),
      ("PRODUCT_VERSION_TEXT_SHORT", version?["product_version_text_short"]?.string ?? ""),
      ("MANAGEMENT_INTERFACE", management.map(bridge) ?? ""),
      ("CURRENT_INTERFACES", attached.joined(separator: " ")),
      ("PLATFORM_VERSION", version?["platform_version"]?.string ?? ""),
      ("BUILD_NUMBER", version?["build_number"]?.string ?? ""),
      ("PLATFORM_NAME", version?["platform_name"]?.string ?? ""),
      ("INSTALLATION_DATE", "2026-03-02 09:41:07.214560"),
    ]
    return entries.map { "\($0.0)='\($0.1)'\n" }.joined()
  }
}
