/// The certificate that XAPI shows to browsers and other clients, as far as people compare it.
public struct HostCertificate: Hashable, Sendable {
  /// Has the private key as well; the certificate is its own block.
  public static let path = "/etc/xensource/xapi-ssl.pem"

  /// The SHA-256 sum of the certificate, `AB:CD:…`, as browsers and `openssl x509 -fingerprint -sha256` show it.
  public var fingerprint: String
  /// When it begins and ends to be valid; seconds since 1970. nil when it does not say so in a known way.
  public var begins: Int64?
  public var ends: Int64?
  /// The common name of whom it is for; nil when it has none.
  public var name: String?

  public init(fingerprint: String, begins: Int64? = nil, ends: Int64? = nil, name: String? = nil) {
    self.fingerprint = fingerprint
    self.begins = begins
    self.ends = ends
    self.name = name
  }

  public init(parsing bytes: [UInt8], path: String = HostCertificate.path) throws(HostFileError) {
    guard let der = Self.block(in: bytes) else {
      throw .malformed(path: path, reason: "it holds no certificate")
    }
    fingerprint = Self.colons(SHA256.sum(of: der))
    let fields = CertificateFields(der)
    (begins, ends, name) = (fields?.begins, fields?.ends, fields?.name)
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(Self.path, limit: 1 << 18))
  }

  /// The first certificate: what follows are those of who signed it.
  private static func block(in bytes: [UInt8]) -> [UInt8]? {
    var body: [UInt8]?
    for line in bytes.split(separator: UInt8(ascii: "\n")).map({ HostText.trimmed($0) }) {
      if HostText.string(line) == "-----BEGIN CERTIFICATE-----" {
        body = []
      } else if line.starts(with: "-----".utf8) {
        if let body, HostText.string(line) == "-----END CERTIFICATE-----" {
          return Base64.decoded(body).flatMap { $0.isEmpty ? nil : $0 }
        }
        body = nil
      } else {
        body?.append(contentsOf: line)
      }
    }
    return nil
  }

  private static func colons(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let pairs = bytes.map { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: Array(pairs.joined(separator: [UInt8(ascii: ":")])), as: UTF8.self)
  }
}

/// What is read out of a certificate (RFC 5280 section 4.1), in DER.
struct CertificateFields {
  private(set) var begins: Int64?
  private(set) var ends: Int64?
  private(set) var name: String?

  init?(_ der: [UInt8]) {
    var outer = DERReader(der[...])
    guard let certificate = outer.next(), var whole = certificate.inside, let signed = whole.next(),
      var fields = signed.inside
    else { return nil }
    // version, when there is one, serial number, algorithm, issuer
    guard var field = fields.next() else { return nil }
    if field.tag == 0xa0 {
      guard let next = fields.next() else { return nil }
      field = next
    }
    guard fields.next() != nil, fields.next() != nil, let validity = fields.next(), let subject = fields.next() else {
      return nil
    }
    if var moments = validity.inside {
      begins = moments.next()?.moment
      ends = moments.next()?.moment
    }
    name = Self.commonName(subject)
  }

  /// 2.5.4.3
  private static let commonNameKind: [UInt8] = [0x55, 0x04, 0x03]

  private static func commonName(_ subject: DERReader.Element) -> String? {
    guard var sets = subject.inside else { return nil }
    while let set = sets.next() {
      guard var pairs = set.inside else { continue }
      while let pair = pairs.next() {
        guard var parts = pair.inside, let kind = parts.next(), let value = parts.next() else { continue }
        if Array(kind.content) == commonNameKind { return String(decoding: value.content, as: UTF8.self) }
      }
    }
    return nil
  }
}

/// Goes through elements of DER (X.690) that lie beside each other.
struct DERReader {
  struct Element {
    let tag: UInt8
    let content: ArraySlice<UInt8>

    /// What an element that holds others holds.
    var inside: DERReader? { tag & 0x20 == 0 ? nil : DERReader(content) }

    /// Seconds since 1970 of a UTCTime (17) or a GeneralizedTime (18) in UTC; nil for anything else.
    var moment: Int64? {
      let digits = content.filter { (0x30...0x39).contains($0) }.map { Int64($0 - 0x30) }
      guard content.last == UInt8(ascii: "Z"), digits.count == content.count - 1 else { return nil }
      func two(_ place: Int) -> Int64 { digits[place] * 10 + digits[place + 1] }
      switch (tag, digits.count) {
      // RFC 5280 section 4.1.2.5.1: years from 50 on are of the last century.
      case (0x17, 12): return Self.seconds(two(0) >= 50 ? 1900 + two(0) : 2000 + two(0), (1...5).map { two(2 * $0) })
      case (0x18, 14): return Self.seconds(two(0) * 100 + two(2), (2...6).map { two(2 * $0) })
      default: return nil
      }
    }

    /// - Parameter rest: month, day, hour, minute, second.
    private static func seconds(_ year: Int64, _ rest: [Int64]) -> Int64? {
      let (month, day) = (rest[0], rest[1])
      guard (1...12).contains(month), (1...31).contains(day), rest[2] < 24, rest[3] < 60, rest[4] < 61 else { return nil }
      // Days since 1970 in the Gregorian calendar, with years that begin in March: the leap day comes last.
      let shifted = month > 2 ? year : year - 1
      let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
      let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
      return days * 86_400 + rest[2] * 3600 + rest[3] * 60 + rest[4]
    }
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// nil at the end, and when what follows is damaged.
  mutating func next() -> Element? {
    guard let tag = rest.popFirst(), let first = rest.popFirst() else { return nil }
    var length = Int(first)
    if first & 0x80 != 0 {
      let count = Int(first & 0x7f)
      guard (1...4).contains(count), rest.count >= count else { return nil }
      length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(count)
    }
    guard rest.count >= length else { return nil }
    defer { rest = rest.dropFirst(length) }
    return Element(tag: tag, content: rest.prefix(length))
  }
}
