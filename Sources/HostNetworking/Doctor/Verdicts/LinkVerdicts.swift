import Dom0
import XenAPI

/// What the kernel and the switch say of cards and bonds.
extension DoctorFacts.Management {
  private func list(_ names: [String]) -> String { names.joinedWithAnd }

  // MARK: Links

  func linkVerdict() -> DoctorLine.State {
    guard !nics.isEmpty else { return .skipped("no NIC is known below \(bridge)") }
    let missing = nics.filter(\.isMissing).map(\.name)
    let off = nics.filter { !$0.isMissing && !$0.isUp }.map(\.name)
    let dark = nics.filter { !$0.isMissing && $0.isUp && $0.hasLink == false }.map(\.name)
    let lit = nics.filter { $0.hasLink == true }.map(\.name)
    let isAll = missing.count + off.count + dark.count == nics.count
    if !missing.isEmpty {
      return .bad(
        DoctorWord(
          "\(list(missing)) \(missing.count == 1 ? "is" : "are") not in this machine",
          means: "The card that management was set up on was taken out, or has another name now.",
          next: "Network interfaces shows the cards that are there. An emergency network reset moves management to one of them."))
    }
    if !off.isEmpty {
      return .bad(
        DoctorWord(
          "\(list(off)) \(off.count == 1 ? "is" : "are") switched off",
          means: "Nobody has set the card up, so it does not even look for a link.",
          next: "Restart xcp-networkd (systemctl restart xcp-networkd), which sets up the management interface."))
    }
    if !dark.isEmpty {
      let rest = isAll ? "Nothing can be sent or received." : "\(name) goes on with \(list(lit)), and has nothing in reserve."
      return .bad(
        DoctorWord(
          "\(list(dark)) \(dark.count == 1 ? "has" : "have") no link",
          means: "Nobody is at the other end of the cable: it is out or broken, or the switch port is shut. \(rest)",
          next: "Check the cable and the switch port of \(list(dark)). Network interfaces shows links live."))
    }
    if lit.isEmpty { return .skipped("the kernel does not tell of \(list(nics.map(\.name)))") }
    return .ok(lit.count == 1 ? "\(lit[0]) is up" : "\(list(lit)) are up")
  }

  // MARK: Speed

  func speedVerdict() -> DoctorLine.State {
    let working = nics.filter { $0.hasLink == true }
    guard !working.isEmpty else { return .skipped("no link") }
    let half = working.filter { $0.duplex == .half }.map(\.name)
    if !half.isEmpty {
      return .bad(
        DoctorWord(
          "\(list(half)) \(half.count == 1 ? "works" : "work") at half duplex",
          means: "Only one side may speak at a time; under load packets collide and everything crawls. Mostly one side has a fixed "
            + "speed and the other negotiates.",
          next: "Set the switch port of \(list(half)) to automatic negotiation, or to the same speed and full duplex on both sides."))
    }
    let known = working.compactMap { nic in nic.speed.map { (nic.name, $0) } }
    guard !known.isEmpty else { return .none("the card does not tell its speed") }
    let speeds = Set(known.map(\.1))
    if speeds.count > 1 {
      let words = known.map { "\($0.0) \(Self.speedWords($0.1))" }.joined(separator: ", ")
      return .notice(
        DoctorWord(
          "the NICs of \(name) differ: \(words)",
          means: "A bond of different speeds is as good as its slowest NIC; with LACP the switch may leave the odd one out.",
          next: "Check the cable and the switch port of the slower one."))
    }
    let speed = known[0].1
    let words = "\(Self.speedWords(speed)), full duplex"
    guard speed < 1000 else { return .ok(working.count > 1 ? "\(words), each" : words) }
    return .notice(
      DoctorWord(
        "only \(Self.speedWords(speed))",
        means: "Cards of a server have 1 Gb/s or more. A damaged cable is the usual reason: with two of its four pairs it still "
          + "gives 100 Mb/s.",
        next: "Try another cable, then another switch port, for \(list(known.map(\.0)))."))
  }

  /// `10 Gb/s`, `2.5 Gb/s`, `100 Mb/s`.
  static func speedWords(_ speed: Int) -> String {
    guard speed >= 1000 else { return "\(speed) Mb/s" }
    let tenths = speed / 100
    return tenths % 10 == 0 ? "\(tenths / 10) Gb/s" : "\(tenths / 10).\(tenths % 10) Gb/s"
  }

  // MARK: Bonds

  /// nil where there is no bond.
  func bondVerdict() -> DoctorLine.State? {
    guard let bond else { return nil }
    let dark = Set(nics.filter { $0.hasLink == false }.map(\.name))
    if dark.count == nics.count { return .skipped("no link") }
    if bond.mode == .lacp {
      if let lacp = bond.lacp { return lacpVerdict(lacp, bond, dark) }
      if let told = bond.kernel, let partner = told.partnerMAC, !partner.contains(where: { $0 != "0" && $0 != ":" }) {
        return .bad(Self.silentSwitch(bond.name, nics.map(\.name)))
      }
      if let status = bond.state?.lacp, status == .configured { return .bad(Self.silentSwitch(bond.name, nics.map(\.name))) }
    }
    if let state = bond.state { return stateVerdict(state, bond, dark) }
    if let active = bond.kernel?.active { return .ok("\(bond.mode.words), \(active) is in use") }
    return .none("\(bond.mode.words); the switch in this host tells nothing of it")
  }

  private static func silentSwitch(_ bond: String, _ members: [String]) -> DoctorWord {
    DoctorWord(
      "the switch does not speak LACP with \(bond)",
      means: "Without LACP on the other side the bond works on one NIC at most, or not at all.",
      next: "Set up LACP (802.3ad) on the switch ports of \(members.joinedWithAnd), in one group; or change the mode of \(bond).")
  }

  private func lacpVerdict(_ lacp: SwitchLACP, _ bond: DoctorFacts.Bond, _ dark: Set<String>) -> DoctorLine.State {
    let diagnosis = lacp.diagnosis(withoutLink: dark)
    guard let advice = diagnosis.advice(for: bond.name) else {
      return .ok("LACP, agreed with the switch on \(nics.count - dark.count) of \(nics.count) NICs")
    }
    if diagnosis == .silentSwitch { return .bad(Self.silentSwitch(bond.name, nics.map(\.name))) }
    // The first sentence tells what is so, the rest what to do.
    let sentences = advice.split(separator: ". ", maxSplits: 1).map { String($0) }
    return .bad(
      DoctorWord(
        sentences[0].hasSuffix(".") ? String(sentences[0].dropLast()) : sentences[0],
        means: "The switch uses fewer NICs of \(bond.name) than there are; the rest carries nothing, and is no reserve.",
        next: sentences.count > 1 ? sentences[1] : "Compare the settings of the switch ports."))
  }

  private func stateVerdict(_ state: SwitchBond, _ bond: DoctorFacts.Bond, _ dark: Set<String>) -> DoctorLine.State {
    let idle = state.members.filter { !$0.isEnabled && !dark.contains($0.name) }
    if idle.count == state.members.count - dark.count, !idle.isEmpty {
      return .bad(
        DoctorWord(
          "\(bond.name) uses none of its NICs",
          means: "They have links, but the switch in this host has them disabled.",
          next: "Wait half a minute: a link that has just come up is left alone for a while. If that does not help, restart "
            + "openvswitch."))
    }
    if !idle.isEmpty {
      let names = idle.map(\.name).joinedWithAnd
      return .notice(
        DoctorWord(
          "\(bond.name) does not use \(names) yet", means: "A link that has just come up is left alone for half a minute or so.",
          next: "Test again in half a minute. If nothing has changed, look at the switch port of \(names)."))
    }
    let active = state.activeMember.map { ", \($0) is in use" } ?? ""
    return .ok("\(bond.mode.words)\(bond.mode == .activeBackup ? active : "")")
  }
}

extension BondMode {
  /// What people call it.
  fileprivate var words: String {
    switch self {
    case .lacp: "LACP"
    case .activeBackup: "active-backup"
    case .balanceSLB: "balance-slb"
    default: rawValue
    }
  }
}

extension [String] {
  /// `eth0`, `eth0 and eth1`, `eth0, eth1 and eth2`.
  var joinedWithAnd: String {
    guard count > 1, let last else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " and " + last
  }
}
