/// `initial_network_device_rules.conf`: the order that NICs get at the first start of a release where networkd orders them
/// itself (`reference/dom0.md` §1.10). One bad line, or a position that comes twice, makes networkd pass over the whole file.
public struct InitialDeviceRules: Hashable, Sendable {
  public static let path = "/etc/firstboot.d/data/initial_network_device_rules.conf"

  public enum Method: String, Hashable, Sendable {
    case mac, pci
    /// The kernel's name, in spite of the word.
    case label
  }

  public struct Rule: Hashable, Sendable {
    public var position: Int
    public var method: Method
    /// MACs in lower case with colons.
    public var value: String

    public init(position: Int, method: Method, value: String) {
      self.position = position
      self.method = method
      self.value = value
    }
  }

  /// By position.
  public let rules: [Rule]

  public init(parsing bytes: [UInt8]) throws(HostFileError) {
    try HostText.check(bytes, path: Self.path, mayBeEmpty: true)
    var rules: [Rule] = []
    for (index, line) in TextLines(bytes).lines.enumerated() {
      let text = HostText.string(HostText.trimmed(line))
      guard !text.isEmpty, !text.hasPrefix("#") else { continue }
      guard let rule = Self.rule(text) else {
        throw .malformed(path: Self.path, reason: "line \(index + 1) is not a rule")
      }
      if rules.contains(where: { $0.position == rule.position }) {
        throw .malformed(path: Self.path, reason: "line \(index + 1): position \(rule.position) comes twice")
      }
      rules.append(rule)
    }
    self.rules = rules.sorted { $0.position < $1.position }
  }

  public init(of system: HostSystem) throws(HostFileError) { try self.init(parsing: try system.read(Self.path)) }

  /// `0:mac="00:02:C9:ED:FD:F0"`.
  private static func rule(_ line: String) -> Rule? {
    guard let colon = line.firstIndex(of: ":"), let equals = line[colon...].firstIndex(of: "="),
      let position = AddressText.decimal(line[..<colon]), let method = Method(rawValue: String(line[line.index(after: colon)..<equals]))
    else { return nil }
    let quoted = line[line.index(after: equals)...]
    guard quoted.count > 2, quoted.hasPrefix("\""), quoted.hasSuffix("\"") else { return nil }
    let value = String(quoted.dropFirst().dropLast())
    switch method {
    case .mac:
      guard let mac = MACText.normalized(value) else { return nil }
      return Rule(position: Int(position), method: method, value: mac)
    case .pci:
      guard let pci = PCIText.normalized(value) else { return nil }
      return Rule(position: Int(position), method: method, value: pci)
    case .label: return Rule(position: Int(position), method: method, value: value)
    }
  }
}
