extension FirmwareName {
  /// How biosdevname names NICs.
  public enum Policy: String, Hashable, Sendable {
    /// `eth0`, `eth1`… in the firmware's order, whatever a NIC is called now.
    case order = "all_ethN"
    /// By the place in the machine: `em1`, `p2p1`.
    case physical
  }

  static func command(_ policy: Policy) -> [String] { ["/sbin/biosdevname", "--policy", policy.rawValue, "-d", "-x"] }

  /// Every NIC biosdevname finds. It reads the firmware's tables, which takes a while.
  public static func all(on system: HostSystem, policy: Policy = .order) async throws(LiveFailure) -> [FirmwareName] {
    parse(try await system.answerText(of: command(policy), timeLimit: .seconds(10)))
  }

  /// Blocks of `Key: value` lines, parted by empty lines; some keys have blanks before the colon.
  public static func parse(_ text: String) -> [FirmwareName] {
    var blocks: [[String: String]] = [[:]]
    for line in text.lines.map(\.trimmed) {
      if line.isEmpty {
        blocks.append([:])
      } else if let (key, value) = line.halves(at: ":") {
        blocks[blocks.count - 1][String(key)] = String(value)
      }
    }
    return blocks.compactMap(FirmwareName.init(fields:))
  }

  private init?(fields: [String: String]) {
    guard let kernelName = fields["Kernel name"], !kernelName.isEmpty else { return nil }
    self.init(
      name: fields["BIOS device"].flatMap { $0.isEmpty ? nil : $0 }, kernelName: kernelName,
      permanentMAC: fields["Permanent MAC"]?.lowercased(), assignedMAC: fields["Assigned MAC"]?.lowercased(),
      driver: fields["Driver"], driverVersion: fields["Driver version"], firmware: fields["Firmware version"],
      bus: fields["Bus Info"], slot: fields["PCI Slot"], label: fields["SMBIOS Label"] ?? fields["sysfs Label"],
      fields: fields)
  }
}
