/// An address or a name that somebody wants to know about, perhaps with a port.
public struct DoctorTarget: Hashable, Sendable, CustomStringConvertible {
  public enum Place: Hashable, Sendable {
    case address(InternetAddress)
    /// Without its last dot.
    case name(String)
  }

  public var place: Place
  /// 1 to 65535; nil leaves connecting out.
  public var port: UInt16?

  public init(_ place: Place, port: UInt16? = nil) {
    self.place = place
    self.port = port
  }

  /// Reads `10.0.4.1`, `xcp2.example`, `fd00::1`, each perhaps with a port: `10.0.4.1:443`, `[fd00::1]:443`.
  public init(parsing text: String) throws(AddressError) {
    guard !text.isEmpty else { throw AddressError("an address or a name is missing") }
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { throw AddressError("the closing bracket is missing") }
      let address = try IPv6Address(parsing: String(text[text.index(after: text.startIndex)..<end]))
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { throw AddressError("after the bracket comes a colon and a port") }
      self.init(.address(.v6(address)), port: rest.isEmpty ? nil : try Self.port(rest.dropFirst()))
      return
    }
    // More than one colon is IPv6, which needs brackets for a port.
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2 else {
      self.init(.address(.v6(try IPv6Address(parsing: text))))
      return
    }
    self.init(try Self.place(String(parts[0])), port: parts.count == 2 ? try Self.port(parts[1]) : nil)
  }

  /// - Parameter port: empty for none.
  public init(_ place: String, port: String) throws(AddressError) {
    let bare = place.hasPrefix("[") && place.hasSuffix("]") ? String(place.dropFirst().dropLast()) : place
    let found = bare.contains(":") ? Place.address(.v6(try IPv6Address(parsing: bare))) : try Self.place(bare)
    self.init(found, port: port.isEmpty ? nil : try Self.port(port[...]))
  }

  private static func place(_ text: String) throws(AddressError) -> Place {
    // A name's last label is never a number (RFC 3696 section 2): what ends in one is meant as an address.
    let last = text.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
    if !last.isEmpty, last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return .address(.v4(try IPv4Address(parsing: text)))
    }
    if let problem = DomainName.problem(text) { throw AddressError(problem) }
    return .name(text.hasSuffix(".") ? String(text.dropLast()) : text)
  }

  private static func port(_ text: Substring) throws(AddressError) -> UInt16 {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0 else {
      throw AddressError("a port is a number from 1 to 65535")
    }
    return port
  }

  public var description: String {
    switch (place, port) {
    case (.address(.v6(let address)), let port?): "[\(address)]:\(port)"
    case (.address(let address), let port?): "\(address):\(port)"
    case (.address(let address), nil): "\(address)"
    case (.name(let name), let port?): "\(name):\(port)"
    case (.name(let name), nil): name
    }
  }
}
