/// Where a question is put on the wire.
public struct ProbeLink: Hashable, Sendable, CustomStringConvertible {
  /// A bridge with an address (`xenbr0`), or a NIC (`eth0`).
  public var device: String
  /// An 802.1Q tag that we put on ourselves, 1 to 4094; nil for none. Only where the device is a NIC.
  public var tag: Int?

  public init(_ device: String, tag: Int? = nil) {
    self.device = device
    self.tag = tag
  }

  public var description: String { tag.map { "\(device), VLAN \($0)" } ?? device }
}

/// A machine on the link that has answered.
public struct Neighbour: Hashable, Sendable {
  /// `00:16:3e:01:02:03`; empty where only its tool knows.
  public var mac: String
  /// The 802.1Q tag that its answer had when it came in; nil for none.
  public var tag: Int?
  /// Between question and answer.
  public var after: Duration

  public init(mac: String, tag: Int? = nil, after: Duration) {
    self.mac = mac
    self.tag = tag
    self.after = after
  }
}

/// Whether an address is somebody else's.
public enum DuplicateAnswer: Hashable, Sendable {
  case free
  /// Those who have it, or want it at this moment too; each MAC once, the first to answer first.
  case taken([Neighbour])
  /// Why nobody was asked: no such device, no right to.
  case notAsked(String)
}

public enum NeighbourAnswer: Hashable, Sendable {
  /// - Parameter others: more machines that say the address is theirs.
  case answers(Neighbour, others: [Neighbour])
  case silent
  case notAsked(String)
}

public enum TagAnswer: Hashable, Sendable {
  /// Each tag once, the first to answer first.
  case answers([Neighbour])
  case silent
  case notAsked(String)
}

/// Echo requests.
public struct EchoRequest: Hashable, Sendable {
  public var address: InternetAddress
  /// Where they go out; nil leaves it to the routes. Needed for an IPv6 address of the link.
  public var device: String?
  public var count = 1
  /// Between two of them.
  public var interval = Duration.milliseconds(100)
  /// How long the last one is waited for.
  public var patience = Duration.seconds(1)
  /// Bytes of payload, 0 to 65000; the packet is 28 (IPv4) or 48 (IPv6) longer.
  public var size = 56
  /// The packet must arrive as it is or not at all. What the kernel knows of the path does not count.
  public var staysWhole = false
  /// The first answer is enough: the rest is not sent, nor waited for.
  public var endsWithFirst = false

  public init(_ address: InternetAddress, on device: String? = nil, count: Int = 1) {
    self.address = address
    self.device = device
    self.count = count
  }
}

public struct EchoAnswer: Hashable, Sendable {
  public enum Problem: Hashable, Sendable {
    /// The kernel would not send: no route, no such device, no right to. In its own words.
    case notSent(String)
    /// Somebody on the way said that it cannot be reached, and why.
    case unreachable(by: InternetAddress?, reason: String)
    /// Too long for the path, with the length of packet that fits, where it was told.
    case tooLong(most: Int?, by: InternetAddress?)
  }

  public var sent = 0
  public var received = 0
  public var shortest: Duration?
  public var mean: Duration?
  public var longest: Duration?
  /// The last one that somebody told of; nil when there was none, be there answers or not.
  public var problem: Problem?

  public init() {}

  public var lost: Int { max(0, sent - received) }
}

public struct PathMTURequest: Hashable, Sendable {
  public var device: String?
  /// The longest packet worth trying: the MTU of the way out. Bytes with headers.
  public var most: Int
  /// The shortest that every path takes: 576 (IPv4) or 1280 (IPv6) if nil.
  public var least: Int?
  /// How long each size is waited for; a size counts as lost when it was sent twice.
  public var patience = Duration.milliseconds(250)
  public var limit = Duration.seconds(3)

  public init(on device: String? = nil, most: Int) {
    self.device = device
    self.most = most
  }
}

public enum PathMTUAnswer: Hashable, Sendable {
  /// Packets of the asked length arrive.
  case whole(Int)
  /// Packets up to this length arrive, and somebody says so when they are longer. All is as it should be.
  case limited(to: Int, by: InternetAddress?)
  /// Packets up to `passes` arrive, longer ones vanish and nobody says so: connections hang as soon as much is sent.
  case blackHole(passes: Int, lost: Int)
  /// Not even short ones are answered.
  case silent
  case notAsked(String)
}

public struct DNSQuestion: Hashable, Sendable {
  public enum Kind: UInt16, Hashable, Sendable {
    case a = 1
    case ns = 2
    case aaaa = 28
  }

  /// Without or with the last dot; empty for the root.
  public var name: String
  public var kind: Kind

  public init(_ name: String, _ kind: Kind = .a) {
    self.name = name
    self.kind = kind
  }

  /// The name servers of the root, which every resolver knows: to see whether one answers at all.
  public static let root = DNSQuestion("", .ns)
}

public enum DNSAnswer: Hashable, Sendable {
  case reply(DNSReply)
  case silent(String)
  /// What cannot be asked for, or nobody could be asked.
  case notAsked(String)
}

public struct DNSReply: Hashable, Sendable {
  /// RFC 1035 section 4.1.1 and RFC 6895: 0 no error, 2 the server failed, 3 no such name, 5 refused.
  public var code: Int
  /// Those asked for, in the answer's order.
  public var addresses: [InternetAddress]
  /// The name the addresses belong to, when it is another (CNAME).
  public var alias: String?
  public var isAuthoritative: Bool
  public var overTCP: Bool
  public var after: Duration

  public init(
    code: Int = 0, addresses: [InternetAddress] = [], alias: String? = nil, isAuthoritative: Bool = false,
    overTCP: Bool = false, after: Duration = .zero
  ) {
    self.code = code
    self.addresses = addresses
    self.alias = alias
    self.isAuthoritative = isAuthoritative
    self.overTCP = overTCP
    self.after = after
  }

  /// The code in words.
  public var meaning: String {
    switch code {
    case 0: addresses.isEmpty ? "no address of this kind" : "found"
    case 1: "did not understand the question (FORMERR)"
    case 2: "failed to find out (SERVFAIL)"
    case 3: "no such name (NXDOMAIN)"
    case 4: "does not know such questions (NOTIMP)"
    case 5: "refuses to answer us (REFUSED)"
    default: "answered with code \(code)"
    }
  }
}

public enum TimeAnswer: Hashable, Sendable {
  case reply(TimeReply)
  case silent(String)
  case notAsked(String)
}

/// What a time server said (RFC 5905).
public struct TimeReply: Hashable, Sendable {
  /// 1 for a server with a clock of its own, up to 15; 16 or 0 for one that does not know the time.
  public var stratum: Int
  /// Seconds our clock is behind the server's; negative when it is ahead.
  public var offset: Double
  /// The server says itself that it does not know the time.
  public var isUnsynchronized: Bool
  /// Why it refuses, in its four letters (`RATE`, `DENY`); nil when it does not.
  public var kiss: String?
  public var after: Duration

  public init(stratum: Int, offset: Double, isUnsynchronized: Bool = false, kiss: String? = nil, after: Duration) {
    self.stratum = stratum
    self.offset = offset
    self.isUnsynchronized = isUnsynchronized
    self.kiss = kiss
    self.after = after
  }
}

public enum TCPAnswer: Hashable, Sendable {
  case connected(after: Duration)
  /// The machine is there, but nobody listens at the port.
  case refused(after: Duration)
  case silent(String)
}

extension Duration {
  /// Milliseconds with fractions.
  public var inMilliseconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) * 1000 + Double(attoseconds) / 1e15
  }

  /// `0.4 ms`, `23 ms`, `2.3 s`: as exact as is of use.
  public var brief: String {
    let tenths = Int((inMilliseconds * 10).rounded())
    if tenths < 100 { return "\(tenths / 10).\(tenths % 10) ms" }
    if tenths < 10_000 { return "\((tenths + 5) / 10) ms" }
    let seconds = (tenths + 500) / 1000
    return "\(seconds / 10).\(seconds % 10) s"
  }
}
