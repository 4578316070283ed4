import JSON

/// `dynamic-rules.json`: the names NICs had at the last boot, and those of NICs that are gone (`reference/dom0.md`
/// §1.5). An empty file is valid; with a corrupt one `interface-rename` starts from nothing.
public struct DynamicRules: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    /// Lower case with colons.
    public var mac: String
    /// `0000:00:03.0[0]`; older files lack the index.
    public var pci: String
    /// `eth0`.
    public var name: String

    public init(mac: String, pci: String, name: String) {
      self.mac = mac
      self.pci = pci
      self.name = name
    }
  }

  /// Names as the last boot left them.
  public let lastBoot: [Entry]
  /// NICs that are absent; they get their name back when they return and it is free.
  public let old: [Entry]
  /// Entries that `interface-rename` passes over, and why.
  public let problems: [String]
  /// The file's bytes, as they were read.
  public let bytes: [UInt8]

  public init(parsing bytes: [UInt8], path: String = RenameRules.dynamicPath) throws(HostFileError) {
    try HostText.check(bytes, path: path, mayBeEmpty: true)
    self.bytes = bytes
    // Comments go, but their line feeds stay, so that an error's line is the file's.
    let lines = TextLines(bytes).lines.map { HostText.trimmed($0).first == UInt8(ascii: "#") ? [] : $0 }
    let text = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    guard !text.allSatisfy(HostText.isSpace) else {
      (lastBoot, old, problems) = ([], [], [])
      return
    }
    let root: JSONValue
    do throws(JSONError) {
      root = try JSONValue(parsing: text)
    } catch {
      let line = text[..<min(error.offset, text.count)].count { $0 == UInt8(ascii: "\n") } + 1
      throw .malformed(path: path, reason: "line \(line) is not JSON: \(error.reason.words)")
    }
    guard let object = root.object else { throw .malformed(path: path, reason: "it is not a JSON object") }
    var problems: [String] = []
    lastBoot = Self.entries(object["lastboot"], "lastboot", &problems)
    old = Self.entries(object["old"], "old", &problems)
    self.problems = problems
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(RenameRules.dynamicPath))
  }

  private static func entries(_ value: JSONValue?, _ key: String, _ problems: inout [String]) -> [Entry] {
    guard let value else { return [] }
    guard let list = value.array else {
      problems.append("\(key) is not a list")
      return []
    }
    var entries: [Entry] = []
    for (index, item) in list.enumerated() {
      let texts = item.array?.map(\.string) ?? []
      guard texts.count == 3, let mac = texts[0].flatMap(MACText.normalized),
        let pci = texts[1].flatMap(PCIText.normalized),
        let name = texts[2]
      else {
        if problems.count < 50 { problems.append("\(key)[\(index)] is not a MAC, a PCI address and a name") }
        continue
      }
      entries.append(Entry(mac: mac, pci: pci, name: name))
    }
    return entries
  }

  // MARK: Writing

  private static let header =
    "# Automatically adjusted file.  Do not edit unless you are certain you know how to\n"

  /// A file of these entries, laid out as `interface-rename` does: indented by four, keys sorted, no line feed at the
  /// end.
  public static func rendered(lastBoot: [Entry], old: [Entry]) throws(SettingError) -> [UInt8] {
    let parts = [("lastboot", try list(lastBoot)), ("old", try list(old))]
    let body = parts.map { "    \"\($0)\": \($1)" }.joined(separator: ",\n")
    return Array((header + "{\n" + body + "\n}").utf8)
  }

  private static func list(_ entries: [Entry]) throws(SettingError) -> String {
    var items: [String] = []
    for entry in entries {
      guard let mac = MACText.normalized(entry.mac) else {
        throw SettingError(field: "MAC", rule: "\"\(entry.mac)\" is no MAC")
      }
      guard let pci = PCIText.normalized(entry.pci) else {
        throw SettingError(field: "PCI address", rule: "\"\(entry.pci)\" is no PCI address")
      }
      guard StaticRules.isName(entry.name) else {
        throw SettingError(field: "name", rule: "\"\(entry.name)\" is not ethN")
      }
      let lines = [mac, pci, entry.name].map { "            \"\($0)\"" }.joined(separator: ",\n")
      items.append("        [\n\(lines)\n        ]")
    }
    return items.isEmpty ? "[]" : "[\n" + items.joined(separator: ",\n") + "\n    ]"
  }

  public static func write(_ bytes: [UInt8], to system: HostSystem) throws(HostFileError) {
    try system.replace(RenameRules.dynamicPath, with: bytes)
  }
}

extension JSONError.Reason {
  /// Without the place, which is told in lines.
  var words: String {
    let text = JSONError(reason: self, offset: 0).description
    return String(text.dropLast(" at byte 0".count))
  }
}
