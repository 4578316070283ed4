/// What name servers say.
enum NameVerdicts {
  static let noServers = DoctorLine.State.notice(
    DoctorWord(
      "no DNS server is set up", means: "Names cannot be looked up: time servers, updates and mail servers given by name do not work.",
      next: "Set DNS servers: menu item Management interface."))

  static func server(_ server: String, _ name: String, _ answer: DNSAnswer) -> DoctorLine.State {
    switch answer {
    case .notAsked(let why): return .skipped(why)
    case .silent(let why):
      return .bad(
        DoctorWord(
          "\(server): \(why)",
          means: "Names are looked up late or not at all: each time this server is waited for first.",
          next: "Check the address of the DNS server, whether it runs, and whether a firewall drops port 53. Or take it off the list: "
            + "menu item Management interface."))
    case .reply(let reply) where reply.code == 5:
      return .bad(
        DoctorWord(
          "\(server) refuses to answer this host", means: "It answers, but is told not to serve this network.",
          next: "Allow this host's network on the DNS server, or use another one."))
    case .reply(let reply) where reply.code == 2:
      return .notice(
        DoctorWord(
          "\(server) answers, but could not find out about \(name)",
          means: "It could not ask those who know (SERVFAIL): it has no way to the Internet, or its own servers are down.",
          next: "Look at the DNS server's own servers (forwarders)."))
    case .reply(let reply): return .ok("answers in \(reply.after.brief)")
    }
  }

  /// - Parameter isNeeded: this host is set up with that name.
  static func name(_ name: String, isNeeded: Bool, _ answers: [(server: String, answer: DNSAnswer)]) -> DoctorLine.State {
    let replies = answers.compactMap { server, answer -> (server: String, reply: DNSReply)? in
      if case .reply(let reply) = answer { (server, reply) } else { nil }
    }
    guard !replies.isEmpty else { return .skipped("no DNS server answers") }
    let known = replies.filter { !$0.reply.addresses.isEmpty }
    let unknown = replies.filter { $0.reply.addresses.isEmpty }
    guard let first = known.first, let address = first.reply.addresses.first else {
      let words = unknown.map { "\($0.server): \($0.reply.meaning)" }.joined(separator: "; ")
      let word = DoctorWord(
        "\(name) is not known (\(words))",
        means: isNeeded
          ? "This host is set up with that name and cannot reach what it stands for."
          : "The DNS servers do not know a well-known name: they have no way to the Internet. In a closed network that is as it should be.",
        next: isNeeded
          ? "Check the spelling of the name, and whether these DNS servers are the right ones."
          : "If this host is to reach the Internet, look at the DNS servers' own servers (forwarders).")
      return isNeeded ? .bad(word) : .notice(word)
    }
    guard let odd = unknown.first else { return .ok("\(name) is \(address)") }
    return .notice(
      DoctorWord(
        "\(name) is \(address) by \(first.server), but \(odd.server): \(odd.reply.meaning)",
        means: "The DNS servers do not agree: which one is asked first decides whether the name works.",
        next: "Use servers that know the same names, or take \(odd.server) off the list."))
  }
}
