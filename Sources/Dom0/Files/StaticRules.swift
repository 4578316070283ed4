/// `static-rules.conf`: names that NICs must have, which override those of the last boot (`reference/dom0.md` §1.4). An
/// empty file is valid.
public struct StaticRules: Hashable, Sendable {
  /// What a rule knows its NIC by.
  public enum Method: String, Hashable, Sendable, CaseIterable {
    case mac, pci, ppn, label
  }

  public struct Rule: Hashable, Sendable {
    /// `eth0`.
    public var name: String
    public var method: Method
    /// As the rules mean it: MACs in lower case with colons, PCI addresses with their domain, `pXpY` for `pciXpY`.
    public var value: String

    public init(name: String, method: Method, value: String) {
      self.name = name
      self.method = method
      self.value = value
    }
  }

  /// In the order of the file; of two rules for a name the later one only.
  public private(set) var rules: [Rule] = []
  /// Lines that `interface-rename` drops, and why.
  public private(set) var problems: [String] = []
  private let text: TextLines

  public init(parsing bytes: [UInt8], path: String = RenameRules.staticPath) throws(HostFileError) {
    try HostText.check(bytes, path: path, mayBeEmpty: true)
    text = TextLines(bytes)
    for (index, line) in text.lines.enumerated() { take(line, number: index + 1) }
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(RenameRules.staticPath))
  }

  /// The file's bytes, as they were read.
  public var bytes: [UInt8] { text.bytes }

  private mutating func take(_ line: [UInt8], number: Int) {
    let line = HostText.trimmed(line)
    guard let first = line.first, first != UInt8(ascii: "#") else { return }
    guard let parts = Self.parts(of: HostText.string(line)) else {
      problems.append("line \(number) is not a rule")
      return
    }
    guard Self.isName(parts.name) else {
      problems.append("line \(number): \(parts.name) is not ethN")
      return
    }
    guard let rule = Self.rule(parts.name, parts.method, parts.value) else {
      problems.append("line \(number): \(parts.name)'s value \"\(parts.value)\" is no \(parts.method ?? "value")")
      return
    }
    if let earlier = rules.firstIndex(where: { $0.name == rule.name }) {
      problems.append("line \(number): \(rule.name) has a rule already; this one counts")
      rules.remove(at: earlier)
    }
    rules.append(rule)
  }

  /// `NAME`, perhaps `:METHOD`, `=VALUE` with or without quotes; after quotes a comment may follow.
  private static func parts(of line: String) -> (name: String, method: String?, value: String)? {
    guard let equals = line.firstIndex(of: "=") else { return nil }
    let head = line[..<equals].split(separator: ":", omittingEmptySubsequences: false).map(trimmed)
    guard head.count <= 2, let name = head.first, !name.isEmpty else { return nil }
    let tail = trimmed(line[line.index(after: equals)...])
    guard let value = unquoted(tail) else { return nil }
    return (name, head.count == 2 ? head[1] : nil, value)
  }

  private static func unquoted(_ text: String) -> String? {
    guard let quote = text.first, quote == "\"" || quote == "'" else { return text.isEmpty ? nil : text }
    guard let close = text.dropFirst().lastIndex(where: { $0 == "\"" || $0 == "'" }) else { return nil }
    let rest = trimmed(text[text.index(after: close)...])
    guard rest.isEmpty || rest.hasPrefix("#") else { return nil }
    return String(text[text.index(after: text.startIndex)..<close])
  }

  private static func trimmed(_ text: Substring) -> String { HostText.string(HostText.trimmed(Array(text.utf8))) }

  /// Without a method, or with `guess`, the value tells what it is.
  private static func rule(_ name: String, _ word: String?, _ value: String) -> Rule? {
    guard let word, word != "guess" else {
      for method in [Method.mac, .pci, .ppn] {
        if let known = normalized(value, method) { return Rule(name: name, method: method, value: known) }
      }
      return Rule(name: name, method: .label, value: value)
    }
    guard let method = Method(rawValue: word), let known = normalized(value, method) else { return nil }
    return Rule(name: name, method: method, value: known)
  }

  static func isName(_ text: String) -> Bool {
    text.hasPrefix("eth") && AddressText.decimal(text.dropFirst(3)) != nil
  }

  private static func normalized(_ value: String, _ method: Method) -> String? {
    switch method {
    case .mac: return MACText.normalized(value)
    case .pci: return PCIText.normalized(value)
    case .ppn: return physicalName(value)
    case .label: return value.isEmpty ? nil : value
    }
  }

  /// `em1`, `p1p2`, or `pci1p2`, which is an older spelling of the latter.
  private static func physicalName(_ text: String) -> String? {
    if text.hasPrefix("em") { return AddressText.decimal(text.dropFirst(2)) == nil ? nil : text }
    guard text.hasPrefix("p") else { return nil }
    let numbers = text.dropFirst(text.hasPrefix("pci") ? 3 : 1).split(separator: "p", omittingEmptySubsequences: false)
    guard numbers.count == 2, numbers.allSatisfy({ AddressText.decimal($0) != nil }) else { return nil }
    return "p\(numbers[0])p\(numbers[1])"
  }

  // MARK: Writing

  private static let header = """
    # Static rules: names that network interfaces must have. They override the names of the last boot.
    # NAME:METHOD="VALUE", with NAME ethN and METHOD one of mac, pci, ppn, label.


    """

  /// A file of these rules, sorted by their number. A rule whose value does not fit its method is refused.
  public static func rendered(_ rules: [Rule]) throws(SettingError) -> [UInt8] {
    var lines: [(Int, String)] = []
    for rule in rules {
      guard isName(rule.name), let number = AddressText.decimal(rule.name.dropFirst(3)) else {
        throw SettingError(field: "name", rule: "\"\(rule.name)\" is not ethN")
      }
      guard let value = normalized(rule.value, rule.method), HostText.isPlain(value) else {
        throw SettingError(field: rule.name, rule: "\"\(rule.value)\" is no \(rule.method.rawValue)")
      }
      guard !lines.contains(where: { $0.0 == number }) else {
        throw SettingError(field: rule.name, rule: "there can be one rule only")
      }
      lines.append((number, "\(rule.name):\(rule.method.rawValue)=\"\(value)\"\n"))
    }
    return Array((header + lines.sorted { $0.0 < $1.0 }.map(\.1).joined()).utf8)
  }

  public static func write(_ bytes: [UInt8], to system: HostSystem) throws(HostFileError) {
    try system.replace(RenameRules.staticPath, with: bytes)
  }
}
