/// Where `interface-rename` keeps its rules (`reference/dom0.md` §1.1).
public enum RenameRules {
  public static let folder = "/etc/sysconfig/network-scripts/interface-rename-data"
  public static let staticPath = folder + "/static-rules.conf"
  public static let dynamicPath = folder + "/dynamic-rules.json"
  /// The program itself. Releases without it keep networkd's own order of NICs.
  public static let program = "/etc/sysconfig/network-scripts/interface-rename.py"

  /// The installer's copies, and what each is a copy of.
  public static let fromInstall = [
    (copy: folder + "/.from_install/static-rules.conf", live: staticPath),
    (copy: folder + "/.from_install/dynamic-rules.json", live: dynamicPath),
  ]

  /// True when this host's NICs get their names from `interface-rename`.
  public static func areUsed(on system: HostSystem) -> Bool { system.exists(folder) }

  /// A file put back to what the installer wrote.
  public struct Restoration: Hashable, Sendable {
    public let path: String
    public let bytes: [UInt8]
    /// False when the live file says the same already.
    public let isChange: Bool
  }

  /// What a reset of the names to those of the installation would write, without writing it. A copy that is damaged is
  /// refused: the host would come up with names nobody chose. A copy the installer never made is passed over.
  public static func restorations(on system: HostSystem) throws(HostFileError) -> [Restoration] {
    var restorations: [Restoration] = []
    for (copy, live) in fromInstall where system.exists(copy) {
      let bytes = try system.read(copy)
      if live == staticPath {
        _ = try StaticRules(parsing: bytes, path: copy)
      } else {
        _ = try DynamicRules(parsing: bytes, path: copy)
      }
      let now = try? system.read(live)
      restorations.append(Restoration(path: live, bytes: bytes, isChange: now != bytes))
    }
    return restorations
  }
}

/// `Integrated NIC 1`, `0000:04:00.0[1]` and the like: what a rule knows a NIC by.
public enum PCIText {
  /// An address on the PCI bus with its domain, and the index of the NIC when one function has several: `00:10.2`
  /// becomes `0000:00:10.2`, `[0]` stays when it is there. nil for what is none.
  public static func normalized(_ text: String) -> String? {
    var address = text[...]
    var index = ""
    if address.hasSuffix("]"), let bracket = address.firstIndex(of: "[") {
      let digits = address[address.index(after: bracket)...].dropLast()
      guard let number = AddressText.decimal(digits) else { return nil }
      index = "[\(number)]"
      address = address[..<bracket]
    }
    let parts = address.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let last = parts.last else { return nil }
    let slot = last.split(separator: ".", omittingEmptySubsequences: false)
    guard slot.count == 2, let domain = hexadecimal(parts.count == 3 ? parts[0] : "0", 4),
      let bus = hexadecimal(parts[parts.count - 2], 2), let device = hexadecimal(slot[0], 2), device < 32,
      let function = hexadecimal(slot[1], 1), function < 8
    else { return nil }
    return "\(MACText.hex(domain, 4)):\(MACText.hex(bus, 2)):\(MACText.hex(device, 2)).\(function)\(index)"
  }

  private static func hexadecimal(_ text: some StringProtocol, _ digits: Int) -> Int64? {
    guard (1...digits).contains(text.utf8.count), text.utf8.allSatisfy(MACText.isHexadecimal) else { return nil }
    return Int64(text, radix: 16)
  }
}
