/// `/etc/xensource-inventory`: what the host knows of itself without XAPI (`reference/dom0.md` §2.1). XAPI rewrites the file
/// whenever it changes a key: read it anew each time.
public struct Inventory: Hashable, Sendable {
  public static let path = "/etc/xensource-inventory"

  /// Keys and values in the order of the file; of duplicates the last wins when asked.
  public let entries: [(key: String, value: String)]

  /// Lines without `=` are passed over, quotes are stripped as a pair only, as XAPI does.
  public init(_ text: String) {
    entries = text.split(whereSeparator: \.isNewline).compactMap { line in
      guard let equals = line.firstIndex(of: "="), equals > line.startIndex else { return nil }
      var value = line[line.index(after: equals)...]
      for quote in ["'", "\""] as [Character] where value.count >= 2 && value.first == quote && value.last == quote {
        value = value.dropFirst().dropLast()
        break
      }
      return (String(line[..<equals]), String(value))
    }
  }

  public init(of system: HostSystem) throws(HostFileError) {
    self.init(String(decoding: try system.read(Self.path), as: UTF8.self))
  }

  /// nil when the key is absent; an empty value means something of its own for some keys.
  public subscript(key: String) -> String? { entries.last { $0.key == key }?.value }

  /// This host's uuid in XAPI's database.
  public var installationUUID: String? { self["INSTALLATION_UUID"] }
  /// The bridge that carries management; empty when management is disabled.
  public var managementInterface: String? { self["MANAGEMENT_INTERFACE"] }
  public var productBrand: String? { self["PRODUCT_BRAND"] }
  public var productVersion: String? { self["PRODUCT_VERSION"] }

  public static func == (left: Inventory, right: Inventory) -> Bool {
    left.entries.elementsEqual(right.entries) { $0 == $1 }
  }

  public func hash(into hasher: inout Hasher) {
    for entry in entries {
      hasher.combine(entry.key)
      hasher.combine(entry.value)
    }
  }
}
