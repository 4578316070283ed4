/// What the doctor looks at, from the cable upwards.
public enum DoctorRung: String, CaseIterable, Hashable, Sendable {
  case link, speed, bond, vlan, address, duplicate, route, gateway, loss, mtu, dns, name, time, coordinator, members, xapi
  /// Of an address or a name that somebody wants to know about.
  case resolve, neighbour, echo, path, connect

  /// How the line is headed.
  public var title: String {
    switch self {
    case .link: "Link"
    case .speed: "Speed"
    case .bond: "Bond"
    case .vlan: "VLAN"
    case .address: "Address"
    case .duplicate: "Duplicate"
    case .route: "Way out"
    case .gateway: "Gateway"
    case .loss: "Loss"
    case .mtu: "Packets"
    case .dns: "DNS"
    case .name: "A name"
    case .time: "Time"
    case .coordinator: "Coordinator"
    case .members: "Pool"
    case .xapi: "XAPI"
    case .resolve: "Name"
    case .neighbour: "On the link"
    case .echo: "Ping"
    case .path: "Packets"
    case .connect: "Connect"
    }
  }

  /// What is looked at, for those who want to know more of a line where nothing is wrong.
  public var about: String {
    switch self {
    case .link: "Whether the NICs that carry management see a link: a cable with somebody at its other end."
    case .speed: "How fast the NICs are, and whether both directions work at the same time (full duplex)."
    case .bond: "Which NICs of the bond carry traffic, and whether the switch agrees (LACP)."
    case .vlan: "Whether the tag of management fits the switch port: does anybody answer with this tag?"
    case .address: "Whether management has the address that was set up, or one from DHCP or a router."
    case .duplicate: "Whether another machine says that this host's address is its own."
    case .route: "Whether there is one default route, and whether its gateway can be reached from here at all."
    case .gateway: "Whether the gateway answers on the link (ARP, or neighbour discovery for IPv6)."
    case .loss: "Five pings to the gateway: how many come back, and how fast."
    case .mtu: "Whether packets of full length arrive, at the gateway and beyond."
    case .dns: "Whether each DNS server answers."
    case .name: "Whether the DNS servers know a name that this host needs."
    case .time: "Whether the clock is right: pool members whose clocks differ refuse each other's certificates."
    case .coordinator: "Whether the pool's coordinator accepts connections at port 443."
    case .members: "Whether the other hosts of the pool accept connections at port 443."
    case .xapi: "Whether this host's own XAPI answers, and port 443 of its address with it."
    case .resolve: "What the DNS servers of this host say of the name."
    case .neighbour: "Whether the address answers on the link itself, without any router."
    case .echo: "Five pings: how many come back, and how fast. Firewalls often drop them."
    case .path: "How long a packet may be on its way there."
    case .connect: "Whether somebody accepts connections at the port."
    }
  }
}

/// What there is to say where something is not as it should be.
public struct DoctorWord: Hashable, Sendable {
  /// What was found: short, without a full stop, naming the thing.
  public var text: String
  /// What it means, in plain sentences.
  public var meaning: String
  /// What to do next.
  public var remedy: String

  public init(_ text: String, means meaning: String, next remedy: String) {
    self.text = text
    self.meaning = meaning
    self.remedy = remedy
  }
}

/// One line of the ladder.
public struct DoctorLine: Hashable, Sendable {
  public struct ID: Hashable, Sendable {
    public var rung: DoctorRung
    /// Tells lines of the same rung apart: `IPv6`, a server's address; empty where there is one only.
    public var subject: String

    public init(_ rung: DoctorRung, _ subject: String = "") {
      self.rung = rung
      self.subject = subject
    }
  }

  public enum State: Hashable, Sendable {
    case waiting
    case running
    case ok(String)
    /// Worth knowing; not what is wrong.
    case notice(DoctorWord)
    case bad(DoctorWord)
    /// Not tried, or of no meaning, and why: what else is wrong explains it.
    case skipped(String)
    /// There is nothing to look at: no gateway is wanted, this host is the coordinator.
    case none(String)

    public var isOver: Bool {
      switch self {
      case .waiting, .running: false
      case .ok, .notice, .bad, .skipped, .none: true
      }
    }

    public var isBad: Bool { if case .bad = self { true } else { false } }
  }

  public var id: ID
  public var state: State

  public init(_ id: ID, _ state: State = .waiting) {
    self.id = id
    self.state = state
  }

  /// `Gateway`, `Gateway IPv6`, `DNS 10.0.4.2`.
  public var title: String { id.subject.isEmpty ? id.rung.title : "\(id.rung.title) \(id.subject)" }

  /// What was found, in one line; empty before.
  public var text: String {
    switch state {
    case .waiting, .running: ""
    case .ok(let text), .none(let text): text
    case .notice(let word), .bad(let word): word.text
    case .skipped(let why): "not tried: \(why)"
    }
  }

  public var word: DoctorWord? {
    switch state {
    case .notice(let word), .bad(let word): word
    default: nil
    }
  }
}
