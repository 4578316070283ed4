/// `/etc/hosts`, and `/etc/hostname` beside it.
public struct HostsFile: Hashable, Sendable {
  public static let path = "/etc/hosts"
  public static let hostnamePath = "/etc/hostname"

  public struct Entry: Hashable, Sendable {
    public let address: String
    /// The name, then its aliases.
    public let names: [String]
    fileprivate let line: Int
  }

  public let entries: [Entry]
  /// Lines that are passed over.
  public let problems: [String]
  private let text: TextLines

  public init(parsing bytes: [UInt8]) throws(HostFileError) {
    try HostText.check(bytes, path: Self.path, mayBeEmpty: true)
    self.init(TextLines(bytes))
  }

  private init(_ text: TextLines) {
    self.text = text
    var entries: [Entry] = []
    var problems: [String] = []
    for (index, line) in text.lines.enumerated() {
      let words = HostText.words(Array(line.prefix { $0 != UInt8(ascii: "#") }))
      guard let address = words.first else { continue }
      guard AddressText.isAddress(address), words.count > 1 else {
        problems.append("line \(index + 1) is not an address and names")
        continue
      }
      entries.append(Entry(address: address, names: Array(words.dropFirst()), line: index))
    }
    (self.entries, self.problems) = (entries, problems)
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(Self.path))
  }

  public var bytes: [UInt8] { text.bytes }

  /// The address a name has here; case does not count.
  public func address(of name: String) -> String? {
    let wanted = name.lowercased()
    return entries.first { $0.names.contains { $0.lowercased() == wanted } }?.address
  }

  /// The same file with an address's names set, its first line only; without names the address's lines go. All else
  /// stays.
  public func setting(_ address: String, to names: [String]) throws(SettingError) -> HostsFile {
    guard AddressText.isAddress(address) else {
      throw SettingError(field: "address", rule: "\"\(address)\" is not an address")
    }
    for name in names where !HostnameText.isDomain(name) {
      throw SettingError(field: "name", rule: "\"\(name)\" is not a host name")
    }
    var changed = text
    let lines = entries.filter { $0.address == address }.map(\.line)
    if names.isEmpty {
      changed.remove { lines.contains($0) }
    } else {
      let line = Array("\(address)\t\(names.joined(separator: " "))".utf8)
      if let first = lines.first { changed.replace(first, with: line) } else { changed.append(line) }
    }
    return HostsFile(changed)
  }

  public func write(to system: HostSystem) throws(HostFileError) { try system.replace(Self.path, with: bytes) }

  /// Sets the name the host takes at its next boot.
  public static func setHostname(_ name: String, on system: HostSystem) throws(HostFileError) {
    guard HostnameText.isDomain(name), name.utf8.count <= 64 else {
      throw .notChanged(path: hostnamePath, reason: "\"\(name)\" is not a host name of up to 64 characters")
    }
    try system.replace(hostnamePath, with: Array("\(name)\n".utf8))
  }
}
