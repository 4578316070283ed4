/// What there is to say of the pool and of XAPI.
enum PoolVerdicts {
  static func coordinator(_ peer: DoctorFacts.Peer, _ answer: TCPAnswer) -> DoctorLine.State {
    switch answer {
    case .connected(let after): .ok("\(peer.words) answers at port 443 in \(after.brief)")
    case .refused:
      .bad(
        DoctorWord(
          "the coordinator \(peer.words) refuses connections at port 443",
          means: "The machine is there, but its XAPI does not run. This host waits for it and can do little by itself.",
          next: "Look at the coordinator: start its toolstack (xe-toolstack-restart). If it is gone for good, make another host the "
            + "coordinator."))
    case .silent(let why):
      .bad(
        DoctorWord(
          "the coordinator \(peer.words) does not answer: \(why)",
          means: "This host is cut off from its pool. Its VMs go on, but nothing can be managed.",
          next: "If the lines above are good, look at the coordinator: is it on, and is that still its address?"))
    }
  }

  static func members(_ answers: [(peer: DoctorFacts.Peer, answer: TCPAnswer)]) -> DoctorLine.State {
    func names(_ isWanted: (TCPAnswer) -> Bool) -> [String] {
      answers.filter { isWanted($0.answer) }.map { $0.peer.words }
    }
    let silent = names { if case .silent = $0 { true } else { false } }
    let refused = names { if case .refused = $0 { true } else { false } }
    guard silent.isEmpty, refused.isEmpty else {
      let words = [
        silent.isEmpty ? nil : "\(silent.joinedWithAnd) \(silent.count == 1 ? "does" : "do") not answer",
        refused.isEmpty ? nil : "\(refused.joinedWithAnd) \(refused.count == 1 ? "refuses" : "refuse") connections",
      ].compactMap { $0 }
      return .bad(
        DoctorWord(
          "\(words.joined(separator: "; ")) (port 443)",
          means: "These hosts of the pool cannot be managed from here, nor can VMs move to them.",
          next: "Look whether they are on and have that address; run this test there too."))
    }
    return .ok("\(answers.count == 1 ? answers[0].peer.words + " answers" : "all \(answers.count) other hosts answer") at port 443")
  }

  /// - Parameter own: what port 443 of the own address said; nil when there is no address to try.
  static func xapi(_ word: DoctorFacts.XAPIWord, _ own: (address: InternetAddress, answer: TCPAnswer)?) -> DoctorLine.State {
    switch word {
    case .notAsked: return .none("not asked")
    case .silent(let why):
      return .bad(
        DoctorWord(
          "\(why)", means: "The network can be well without it; but nothing can be managed, and VMs cannot be started.",
          next: "Restart the toolstack: xe-toolstack-restart. VMs that run go on."))
    case .emergency(let why):
      return .bad(
        DoctorWord(
          "XAPI waits: \(why)", means: "It runs, but does nothing before it has reached what it waits for.",
          next: "See what the lines above say of address and coordinator."))
    case .answers: break
    }
    switch own {
    case nil: return .ok("XAPI answers on this host")
    case (let address, .connected)?: return .ok("XAPI answers, and port 443 of \(address) is open")
    case (let address, .refused)?, (let address, .silent)?:
      return .bad(
        DoctorWord(
          "XAPI answers on this host, but not at \(address), port 443",
          means: "Nobody can connect from outside. What listens there (stunnel, or XAPI's own) has failed.",
          next: "Restart the toolstack: xe-toolstack-restart. If that does not help, see whether management is disabled."))
    }
  }
}
