import JSON

extension NetworkStats {
  private static let magic = Array("xapistat".utf8)
  /// Magic, the sum in hexadecimal, the length in hexadecimal.
  private static let headLength = 8 + 32 + 8

  /// Reads the file once. networkd writes it in place: a sum that does not fit may do so a moment later.
  public static func read(from system: HostSystem) throws(HostFileError) -> NetworkStats {
    let written = try system.status(path).modified
    return NetworkStats(devices: try parse(try system.read(path)), written: written)
  }

  /// Seconds since networkd wrote it; 0 when the clock was set back since.
  public func age(at now: Int64) -> Int64 { max(0, now - written) }

  /// The devices in the file's bytes.
  public static func parse(_ bytes: [UInt8]) throws(HostFileError) -> [String: Device] {
    let payload = try payload(bytes)
    let value: JSONValue
    do {
      value = try JSONValue(parsing: payload)
    } catch {
      throw damaged("\(error)")
    }
    guard let rows = value.object else { throw damaged("an object was expected") }
    var devices: [String: Device] = [:]
    for (name, row) in rows { devices[name] = Device(row) }
    return devices
  }

  private static func payload(_ bytes: [UInt8]) throws(HostFileError) -> [UInt8] {
    guard bytes.count >= headLength else { throw damaged("\(bytes.count) bytes are less than its head") }
    guard Array(bytes[..<8]) == magic else { throw damaged("it does not begin with xapistat") }
    guard let length = Int(String(decoding: bytes[40..<headLength], as: UTF8.self), radix: 16), length >= 0 else {
      throw damaged("its length is no number")
    }
    guard bytes.count - headLength >= length else {
      throw damaged("it ends after \(bytes.count - headLength) of \(length) bytes")
    }
    let payload = Array(bytes[headLength..<headLength + length])
    let sum = String(decoding: bytes[8..<40], as: UTF8.self)
    guard MD5.hexadecimal(of: payload) == sum.lowercased() else { throw damaged("its checksum does not fit") }
    return payload
  }

  private static func damaged(_ reason: String) -> HostFileError { .malformed(path: path, reason: reason) }
}

extension NetworkStats.Device {
  init(_ row: JSONValue) {
    func number(_ name: String) -> Int? { row[name]?.int.flatMap { Int(exactly: $0) } }
    func text(_ name: String) -> String? { row[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    self.init(
      hasCarrier: row["carrier"]?.bool ?? false, speed: number("speed").flatMap(NetworkDevice.knownSpeed),
      duplex: Self.duplex(row["duplex"]), pciAddress: text("pci_bus_path"), vendor: text("vendor_id"),
      device: text("device_id"), links: number("nb_links") ?? 0, linksUp: number("links_up") ?? 0,
      members: row["interfaces"]?.array?.compactMap(\.string) ?? [])
  }

  private static func duplex(_ value: JSONValue?) -> NetworkDevice.Duplex? {
    switch value?.string ?? value?.array?.first?.string {
    case "Duplex_full": .full
    case "Duplex_half": .half
    default: nil
    }
  }
}
