/// The public halves of a host's SSH keys and its certificate, made of its name: the same on every run. There are no
/// private halves.
struct HostKeys {
  private let hostname: String

  init(_ hostname: String) { self.hostname = hostname }

  static let certificatePath = "/etc/xensource/xapi-ssl.pem"

  var entries: [String: TreeEntry] {
    var entries: [String: TreeEntry] = [Self.certificatePath: .text(Self.certificate, mode: 0o400)]
    for (type, blob) in blobs {
      let name = type == "ssh-rsa" ? "rsa" : type == "ssh-ed25519" ? "ed25519" : "ecdsa"
      entries["/etc/ssh/ssh_host_\(name)_key.pub"] = .text("\(type) \(Base64.text(blob)) root@\(hostname)\n")
    }
    return entries
  }

  /// RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4: strings with their lengths before them.
  private var blobs: [(type: String, blob: [UInt8])] {
    [
      ("ssh-rsa", Self.strings(Array("ssh-rsa".utf8), [1, 0, 1], [0] + noise("rsa", 384, atLeast: 0x80))),
      (
        "ecdsa-sha2-nistp256",
        Self.strings(Array("ecdsa-sha2-nistp256".utf8), Array("nistp256".utf8), [4] + noise("ecdsa", 64))
      ),
      ("ssh-ed25519", Self.strings(Array("ssh-ed25519".utf8), noise("ed25519", 32))),
    ]
  }

  private func noise(_ kind: String, _ count: Int, atLeast: UInt8 = 0) -> [UInt8] {
    var bytes: [UInt8] = []
    var last = Array("\(hostname) \(kind)".utf8)
    while bytes.count < count {
      last = SHA256.digest(last)
      bytes += last
    }
    bytes[0] |= atLeast
    return Array(bytes.prefix(count))
  }

  private static func strings(_ parts: [UInt8]...) -> [UInt8] {
    parts.flatMap { part in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: part.count >> $0) } + part }
  }

  /// `ssh-keygen -lf`: bits, fingerprint, comment, kind; nil for what is no public key.
  static func line(_ text: String) -> String? {
    let words = text.split(whereSeparator: \.isWhitespace).map { String($0) }
    guard words.count >= 2, let blob = Base64.bytes(words[1]), !blob.isEmpty else { return nil }
    let known: [String: (bits: Int, kind: String)] = [
      "ssh-rsa": (3072, "RSA"), "ecdsa-sha2-nistp256": (256, "ECDSA"), "ssh-ed25519": (256, "ED25519"),
    ]
    guard let (bits, kind) = known[words[0]] else { return nil }
    let comment = words.count > 2 ? words[2] : "no comment"
    return "\(bits) SHA256:\(Base64.text(SHA256.digest(blob), padded: false)) \(comment) (\(kind))\n"
  }

  /// Of the first certificate in a PEM text: bytes in hexadecimal with colons; nil when there is none.
  static func fingerprint(_ pem: String) -> String? {
    let lines = pem.split(separator: "\n")
    guard let begin = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN CERTIFICATE") }),
      let end = lines[begin...].firstIndex(where: { $0.hasPrefix("-----END CERTIFICATE") }),
      let bytes = Base64.bytes(lines[(begin + 1)..<end].joined()), !bytes.isEmpty
    else { return nil }
    return SHA256.digest(bytes).map { byte in
      let text = String(byte, radix: 16, uppercase: true)
      return text.utf8.count < 2 ? "0" + text : text
    }.joined(separator: ":")
  }

  /// Of xcp1.lab.example, signed by itself; whoever made it has thrown the key away.
  private static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBqjCCAVCgAwIBAgIUJBU/b2cSb0Zf7AB0Bp8aODgb3OMwCgYIKoZIzj0EAwIw
    GzEZMBcGA1UEAwwQeGNwMS5sYWIuZXhhbXBsZTAgFw0yNjExMjMwMDIxMjZaGA8y
    MDU2MTExNTAwMjEyNlowGzEZMBcGA1UEAwwQeGNwMS5sYWIuZXhhbXBsZTBZMBMG
    ByqGSM49AgEGCCqGSM49AwEHA0IABCS/JWPyzWCyXQAYNIAOIZfkHVTanmpJPXwn
    rP+5VyfYQXLOjkG9LAmJj43aEAmUaILjc0XLPAlMIiZINZCIdw2jcDBuMB0GA1Ud
    DgQWBBQKAtk0KswTT2K0Lo0bIHzNe5G98TAfBgNVHSMEGDAWgBQKAtk0KswTT2K0
    Lo0bIHzNe5G98TAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEHhjcDEubGFi
    LmV4YW1wbGUwCgYIKoZIzj0EAwIDSAAwRQIhAMnv23S5/5XCBxgiihf7TUzuGdDO
    5AeSHqWvrK8JU1XMAiADit7W4jX9vMqEtApb0Ma2NCJbiRSvCyLyK0aO4dUNVQ==
    -----END CERTIFICATE-----

    """
}
