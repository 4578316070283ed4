extension NetworkBackend {
  /// The host's backend, as `xe-get-network-backend` finds it. A missing file throws; xcp-networkd then takes Open
  /// vSwitch.
  public static func read(from system: HostSystem) throws(HostFileError) -> NetworkBackend {
    parse(try system.text(path, limit: 4096))
  }

  public static func parse(_ text: String) -> NetworkBackend {
    switch text.trimmed {
    case "openvswitch", "vswitch": .openVSwitch
    case "bridge": .linuxBridge
    case let word: .unknown(String(word))
    }
  }
}
