/// A public key by which sshd shows who this host is: what somebody who logs in for the first time compares.
public struct SSHHostKey: Hashable, Sendable {
  public static let folder = "/etc/ssh"

  /// `ED25519`, `ECDSA`, `RSA`: what ssh says of it.
  public var kind: String
  /// `SHA256:` and the sum in Base64, as `ssh-keygen -l` and ssh's own question show it.
  public var fingerprint: String

  public init(kind: String, fingerprint: String) {
    self.kind = kind
    self.fingerprint = fingerprint
  }

  /// The line of a `.pub` file: the kind, the key in Base64, a comment.
  public init(parsing text: String, path: String = SSHHostKey.folder) throws(HostFileError) {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count >= 2, let key = Base64.decoded(words[1].utf8) else {
      throw .malformed(path: path, reason: "it is no public key")
    }
    // The key begins with its kind once more, after the four bytes of its length.
    guard key.count > 4 + words[0].utf8.count, key.dropFirst(4).starts(with: words[0].utf8) else {
      throw .malformed(path: path, reason: "the key is cut, or of another kind than it says")
    }
    kind = Self.name(words[0])
    fingerprint = "SHA256:" + Base64.unpadded(SHA256.sum(of: key))
  }

  private static func name(_ kind: Substring) -> String {
    switch kind {
    case "ssh-ed25519": "ED25519"
    case "ssh-rsa": "RSA"
    case "ssh-dss": "DSA"
    default: kind.hasPrefix("ecdsa-") ? "ECDSA" : String(kind)
    }
  }

  /// Those of this host, the ones that clients prefer first.
  /// - Returns: the keys, and what is wrong with files that are none.
  public static func all(on system: HostSystem) throws(HostFileError) -> (keys: [SSHHostKey], problems: [HostFileError]) {
    let names = try system.names(in: folder).filter { $0.hasPrefix("ssh_host_") && $0.hasSuffix("_key.pub") }
    var keys: [SSHHostKey] = []
    var problems: [HostFileError] = []
    for name in names {
      do throws(HostFileError) {
        let path = "\(folder)/\(name)"
        keys.append(try SSHHostKey(parsing: try system.text(path, limit: 1 << 16), path: path))
      } catch {
        problems.append(error)
      }
    }
    let order = ["ED25519", "ECDSA", "RSA"]
    func rank(_ key: SSHHostKey) -> Int { order.firstIndex(of: key.kind) ?? order.count }
    return (keys.sorted { rank($0) < rank($1) }, problems)
  }
}
