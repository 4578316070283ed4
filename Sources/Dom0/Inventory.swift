/// `/etc/xensource-inventory`: what the host knows of itself without XAPI (`reference/dom0.md` §2.1). XAPI rewrites the
/// file whenever it changes a key: read it anew each time.
///
/// Its readers disagree, so that only plain values are safe:
///
/// | Reader | Cuts at | Quotes | Line without `=` |
/// |---|---|---|---|
/// | XAPI, networkd | every `=`, two parts or none | `'` as a pair | passed over |
/// | python-libs, xsconsole | the first `=` | as a pair | passed over |
/// | xe-reset-networking | every `=`, takes the second part | all `'` at the ends | stops half-way |
/// | this | the first `=` | `'` or `"` as a pair | passed over, told in `problems` |
///
/// Of repeated keys all take the last. What XAPI does not read it loses when it next writes the file.
public struct Inventory: Hashable, Sendable {
  public static let path = "/etc/xensource-inventory"
  private static let limit = 1 << 16

  public struct Entry: Hashable, Sendable {
    public let key: String
    public let value: String
  }

  /// Keys and values in the order of the file; of duplicates the last wins when asked.
  public let entries: [Entry]
  private let assignments: Assignments

  /// Lines without `=` are passed over, quotes are stripped as a pair only, as XAPI does.
  public init(_ text: String) { self.init(Assignments(Array(text.utf8))) }

  private init(_ assignments: Assignments) {
    self.assignments = assignments
    entries = assignments.entries.map { entry in
      let value = entry.raw.last == UInt8(ascii: "\r") ? Array(entry.raw.dropLast()) : entry.raw
      return Entry(key: entry.key, value: HostText.string(value.unquoted()))
    }
  }

  public init(parsing bytes: [UInt8]) throws(HostFileError) {
    try HostText.check(bytes, path: Self.path)
    self.init(Assignments(bytes))
    guard !entries.isEmpty else { throw .malformed(path: Self.path, reason: "no line of it is KEY='value'") }
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(Self.path, limit: Self.limit))
  }

  /// nil when the key is absent; an empty value means something of its own for some keys.
  public subscript(key: String) -> String? { entries.last { $0.key == key }?.value }

  /// This host's uuid in XAPI's database.
  public var installationUUID: String? { self["INSTALLATION_UUID"] }
  /// The uuid of dom0's VM record.
  public var controlDomainUUID: String? { self["CONTROL_DOMAIN_UUID"] }
  /// The bridge that carries management; empty when management is disabled.
  public var managementInterface: String? { self["MANAGEMENT_INTERFACE"] }
  /// `IPv4` or `IPv6`.
  public var managementAddressType: String? { self["MANAGEMENT_ADDRESS_TYPE"] }
  /// Bridges that XAPI believes to be up.
  public var currentInterfaces: [String] {
    (self["CURRENT_INTERFACES"] ?? "").split(separator: " ").map { String($0) }
  }
  public var productBrand: String? { self["PRODUCT_BRAND"] }
  public var productVersion: String? { self["PRODUCT_VERSION"] }

  // MARK: Changing

  /// The file's bytes.
  public var bytes: [UInt8] { assignments.bytes }

  /// The same file with a key set to another value; everything else stays byte for byte. A new key comes last.
  /// - Throws: `.notChanged` for a key or value that not all readers of the file would read alike.
  public func setting(_ key: String, to value: String) throws(HostFileError) -> Inventory {
    let isKey =
      !key.isEmpty
      && key.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || byte == UInt8(ascii: "_")
      }
    guard isKey else { throw .notChanged(path: Self.path, reason: "\"\(key)\" is not a key") }
    guard HostText.isPlain(value) else {
      throw .notChanged(path: Self.path, reason: "\(key) cannot hold '=', quotes, backslashes or control characters")
    }
    var changed = assignments
    changed.set(key, to: "'\(value)'")
    return Inventory(changed)
  }

  /// Puts this inventory in the file's place. The file is never missing in between, or XAPI would make one up with new
  /// uuids.
  public func write(to system: HostSystem) throws(HostFileError) {
    try system.replace(Self.path, with: bytes)
  }
}

extension Inventory {
  /// Keys without which XAPI does not know its own host.
  private static let needed = ["INSTALLATION_UUID", "CONTROL_DOMAIN_UUID", "MANAGEMENT_INTERFACE"]

  /// What is wrong with the file, or is read differently by its readers.
  public var problems: [String] {
    var problems = Self.needed.filter { self[$0] == nil }.map { "\($0) is missing" }
    for key in Self.needed.prefix(2) where self[key]?.isEmpty == true { problems.append("\(key) is empty") }
    problems += assignments.lost.map { "line \($0) has no '=': xe-reset-networking stops there" }
    problems += assignments.repeated.map { "\($0) stands more than once" }
    for entry in assignments.entries where entry.key.first != "#" {
      if entry.raw.isEmpty { problems.append("\(entry.key) in line \(entry.line + 1) has nothing after its '='") }
      if entry.raw.hasLoneQuote { problems.append("\(entry.key) in line \(entry.line + 1) lacks a quote") }
      if entry.raw.contains(UInt8(ascii: "=")) {
        problems.append("\(entry.key) in line \(entry.line + 1) holds '=': XAPI loses it when it next writes the file")
      }
    }
    return problems
  }
}
