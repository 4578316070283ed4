import Foundation
import Testing

@testable import Dom0

/// Fingerprints against those who make the keys.
@Suite struct FingerprintTests {
  static let sshKeygen = "/usr/bin/ssh-keygen"
  static let openssl = "/usr/bin/openssl"
  static var hasSSH: Bool { FileManager.default.isExecutableFile(atPath: sshKeygen) }
  static var hasOpenSSL: Bool { FileManager.default.isExecutableFile(atPath: openssl) }

  private static func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }

  @Test func theSumIsThatOfTheStandard() {
    #expect(Self.hex(SHA256.sum(of: [])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(Self.hex(SHA256.sum(of: Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      Self.hex(SHA256.sum(of: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)))
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(
      Self.hex(SHA256.sum(of: [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)))
        == "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee")
  }

  @Test func base64GoesThereAndBack() throws {
    var random = SeededNumbers(state: 7)
    for length in 0..<70 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      let text = Base64.unpadded(bytes)
      #expect(Data(bytes).base64EncodedString().hasPrefix(text))
      #expect(Base64.decoded(Data(bytes).base64EncodedString().utf8) == bytes)
      #expect(Base64.decoded(text.utf8) == bytes)
    }
    #expect(Base64.decoded("QUJ*".utf8) == nil)
    #expect(Base64.decoded("Q".utf8) == nil)
    #expect(Base64.decoded("QQ==QQ".utf8) == nil)
  }

  @Test(.enabled(if: hasSSH, "ssh-keygen is not here"))
  func hostKeysAreShownAsSSHKeygenShowsThem() throws {
    let host = try TemporaryHost()
    try host.makeFolder(SSHHostKey.folder)
    for (kind, bits) in [("rsa", "2048"), ("ecdsa", "256"), ("ed25519", "256")] {
      let path = "\(host.root)\(SSHHostKey.folder)/ssh_host_\(kind)_key"
      _ = try Self.run(Self.sshKeygen, ["-q", "-t", kind, "-b", bits, "-N", "", "-C", "root@xcp1", "-f", path])
    }
    let (keys, problems) = try SSHHostKey.all(on: host.system)
    #expect(keys.map(\.kind) == ["ED25519", "ECDSA", "RSA"])
    #expect(problems.isEmpty)
    for key in keys {
      let path = "\(host.root)\(SSHHostKey.folder)/ssh_host_\(key.kind.lowercased())_key.pub"
      let words = try Self.run(Self.sshKeygen, ["-lf", path]).split(separator: " ")
      #expect(words[1] == key.fingerprint)
    }
  }

  @Test func aDamagedKeyDoesNotHideTheOthers() throws {
    let host = try TemporaryHost()
    // The key of RFC 8709's kind with 32 zero bytes: length and kind are what they should be.
    let blob: [UInt8] = [0, 0, 0, 11] + Array("ssh-ed25519".utf8) + [0, 0, 0, 32] + [UInt8](repeating: 0, count: 32)
    try host.write("ssh-ed25519 \(Data(blob).base64EncodedString()) root@xcp1\n", "/etc/ssh/ssh_host_ed25519_key.pub")
    try host.write("ssh-rsa AAAA", "/etc/ssh/ssh_host_rsa_key.pub")
    try host.write("", "/etc/ssh/ssh_host_ecdsa_key.pub")
    try host.write("secret", "/etc/ssh/ssh_host_ed25519_key")
    let (keys, problems) = try SSHHostKey.all(on: host.system)
    #expect(keys.map(\.kind) == ["ED25519"])
    #expect(
      problems == [
        .malformed(path: "/etc/ssh/ssh_host_ecdsa_key.pub", reason: "it is no public key"),
        .malformed(path: "/etc/ssh/ssh_host_rsa_key.pub", reason: "the key is cut, or of another kind than it says"),
      ])
  }

  @Test(.enabled(if: hasOpenSSL, "openssl is not here"), arguments: [30, 3650, 20_000])
  func theCertificateIsShownAsOpenSSLShowsIt(days: Int) throws {
    let host = try TemporaryHost()
    try host.makeFolder("/etc/xensource")
    let (key, certificate) = (host.root + "/key.pem", host.root + "/certificate.pem")
    _ = try Self.run(
      Self.openssl,
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
        certificate, "-days", "\(days)", "-subj", "/O=Lab/CN=xcp1.lab.example",
      ])
    // As XAPI has it: the key first.
    let both = try String(contentsOfFile: key, encoding: .utf8) + String(contentsOfFile: certificate, encoding: .utf8)
    try host.write(both, HostCertificate.path)
    let found = try HostCertificate(of: host.system)
    let shown = try Self.run(Self.openssl, ["x509", "-noout", "-fingerprint", "-sha256", "-in", certificate])
    #expect(shown.split(separator: "=").last.map { $0.trimmed } == Substring(found.fingerprint))
    #expect(found.name == "xcp1.lab.example")
    let (begins, ends) = (try #require(found.begins), try #require(found.ends))
    #expect(ends - begins == Int64(days) * 86_400)
    let end = try Self.run(Self.openssl, ["x509", "-noout", "-enddate", "-in", certificate])
    #expect(try Self.seconds(end.split(separator: "=")[1]) == ends)
  }

  @Test func whatIsNoCertificateIsRefused() {
    for text in [
      "", "-----BEGIN CERTIFICATE-----\nAAAA\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
      "-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n",
    ] {
      #expect(throws: HostFileError.malformed(path: HostCertificate.path, reason: "it holds no certificate")) {
        try HostCertificate(parsing: Array(text.utf8))
      }
    }
  }

  @Test func whatIsNotDERHasNoFields() throws {
    var random = SeededNumbers(state: 11)
    for length in 0..<400 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = CertificateFields(bytes)
    }
    #expect(CertificateFields([]) == nil)
    #expect(CertificateFields([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]) == nil)
  }

  private static func seconds(_ text: Substring) throws -> Int64 {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "UTC")
    format.dateFormat = "MMM d HH:mm:ss yyyy zzz"
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return Int64(try #require(format.date(from: words)).timeIntervalSince1970)
  }

  private static func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Foundation.Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(program) \(arguments)")
    return String(decoding: bytes, as: UTF8.self)
  }
}
