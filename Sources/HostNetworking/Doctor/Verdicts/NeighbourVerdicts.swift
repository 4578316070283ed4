/// What the link itself says: duplicates, gateway, VLAN.
enum NeighbourVerdicts {
  static func duplicate(_ address: String, _ answer: DuplicateAnswer) -> DoctorLine.State {
    switch answer {
    case .free: return .ok("nobody else has \(address)")
    case .notAsked(let why): return .skipped(why)
    case .taken(let others):
      let macs = others.map(\.mac).filter { !$0.isEmpty }
      let who = macs.isEmpty ? "another machine" : macs.joinedWithAnd
      return .bad(
        DoctorWord(
          "\(address) is also in use by \(who)",
          means: "Two machines have this address. Others reach now this one, now the other; connections break off.",
          next: "Find the machine with the MAC \(who) and give it another address, or this host. \(DoctorWord.findMAC)"))
    }
  }

  static func gateway(_ address: InternetAddress, _ answer: NeighbourAnswer) -> DoctorLine.State {
    switch answer {
    case .notAsked(let why): return .skipped(why)
    case .answers(let first, let others) where others.isEmpty:
      let mac = first.mac.isEmpty ? "" : " (\(first.mac))"
      return .ok("\(address) answers in \(first.after.brief)\(mac)")
    case .answers(let first, let others):
      let macs = ([first] + others).map(\.mac).joinedWithAnd
      return .notice(
        DoctorWord(
          "\(others.count + 1) machines answer for the gateway \(address): \(macs)",
          means: "Routers that stand in for each other answer once, for all of them. More answers mostly mean that somebody has "
            + "taken the gateway's address.",
          next: "Find out which of these MACs is the gateway's. \(DoctorWord.findMAC)"))
    case .silent:
      return .bad(
        DoctorWord(
          "the gateway \(address) does not answer",
          means: "Nothing outside this network can be reached. The gateway is off, has another address, or this host is not in its "
            + "network (VLAN).",
          next: "See what VLAN says here. Compare the gateway's address with the plan of the network, and look at the gateway itself."))
    }
  }

  // MARK: VLANs

  /// Who answered with the tag that management has.
  static func here(_ management: DoctorFacts.Management, _ who: InternetAddress, isGateway: Bool) -> DoctorLine.State {
    .ok("\(management.tagWords): \(isGateway ? "the gateway" : "\(who)") answers")
  }

  /// Nobody answers with management's own tag: what other tags say.
  static func elsewhere(
    _ management: DoctorFacts.Management, _ nic: String, _ found: [(who: InternetAddress, tag: Int?)]
  ) -> DoctorLine.State {
    guard let first = found.first else { return .skipped("nobody answers, with this tag or another") }
    let tags = found.filter { $0.who == first.who }.map { $0.tag.map { "on VLAN \($0)" } ?? "untagged" }
    let own = management.tag.map { "on VLAN \($0)" } ?? "untagged"
    let port = management.tag.map { "let it carry VLAN \($0) tagged" } ?? "let it carry that network untagged (native VLAN, PVID)"
    let move = first.tag.map { "put management on VLAN \($0)" } ?? "put management on \(nic) itself, without a VLAN"
    return .bad(
      DoctorWord(
        "\(first.who) answers \(tags.joinedWithAnd), not \(own)",
        means: "The switch port of \(nic) brings the network of management with another tag than this host expects.",
        next: "Either change the switch port: \(port). Or \(move): menu item Management interface."))
  }

  // MARK: Pings

  private static let slow = Duration.milliseconds(50)

  static func loss(_ address: InternetAddress, _ answer: EchoAnswer) -> DoctorLine.State {
    if answer.sent == 0 || answer.received == 0, case .notSent(let why) = answer.problem { return .skipped(why) }
    guard answer.received > 0, let mean = answer.mean, let least = answer.shortest, let most = answer.longest else {
      return .notice(
        DoctorWord(
          "\(address) answers no ping", means: "It is there: it answers on the link. Some routers are told not to answer pings.",
          next: "Nothing, if the rest works."))
    }
    guard answer.lost == 0 else {
      return .bad(
        DoctorWord(
          "\(answer.lost) of \(answer.sent) pings to \(address) are lost",
          means: "On a link of one hop nothing should get lost. Everything is slow and breaks off now and then.",
          next: "Try another cable and switch port, compare speed and duplex of both sides, and look for loops in the network."))
    }
    let times = "\(mean.brief) (\(least.brief) to \(most.brief))"
    guard mean < slow else {
      return .notice(
        DoctorWord(
          "pings to \(address) take \(times)",
          means: "A neighbour answers within a millisecond or two. The link or the gateway is overloaded, or it is far away.",
          next: "Look at the load of the gateway and of the link; test again."))
    }
    return .ok("\(answer.received) of \(answer.sent) pings answered, \(times)")
  }

  // MARK: Packet size

  /// - Parameter device: whose MTU was tried.
  static func near(
    _ address: InternetAddress, _ answer: PathMTUAnswer, mtu: Int, device: String
  ) -> DoctorLine.State {
    switch answer {
    case .whole(let most): .ok("packets of \(most) bytes reach the gateway")
    case .silent: .skipped("the gateway answers no ping")
    case .notAsked(let why): .skipped(why)
    case .limited(let most, _), .blackHole(let most, _):
      .bad(
        DoctorWord(
          "packets of more than \(most) bytes do not reach the gateway, though the MTU of \(device) is \(mtu)",
          means: "Small packets pass, long ones vanish without a word: logging in works, and as soon as much is sent, connections "
            + "hang.",
          next: most >= 1500
            ? "Allow jumbo frames on every switch port of this network and on the gateway, or lower the MTU of management's network "
              + "to 1500."
            : "Look for a switch port, tunnel or gateway with a smaller MTU, or lower the MTU of management's network to \(most)."))
    }
  }

  static func beyond(_ address: InternetAddress, _ answer: PathMTUAnswer) -> DoctorLine.State {
    switch answer {
    case .whole(let most): .ok("packets of \(most) bytes reach \(address)")
    case .limited(let most, let by):
      .ok("packets of \(most) bytes reach \(address), and \(by.map { "\($0)" } ?? "the network") says so")
    case .silent: .skipped("\(address) answers no ping")
    case .notAsked(let why): .skipped(why)
    case .blackHole(let most, _):
      .bad(
        DoctorWord(
          "packets of more than \(most) bytes to \(address) vanish",
          means: "A router on the way takes no longer ones and does not say so (a black hole): logging in works, and as soon as much "
            + "is sent, connections hang.",
          next: "Let the firewalls on the way pass ICMP \"fragmentation needed\" (IPv6: \"packet too big\"), or lower the MTU of "
            + "management's network to \(most)."))
    }
  }
}
