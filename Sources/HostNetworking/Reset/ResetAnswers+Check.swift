extension ResetAnswers {
  /// Checks every answer, all at once.
  /// - Parameter facts: what the host has; an answer that cannot be held against it is let pass with a remark.
  public func checked(against facts: ResetFacts) -> ResetCheck {
    var checker = ResetChecker(answers: self, facts: facts)
    let request = checker.request()
    return ResetCheck(
      request: checker.problems.contains(where: \.isRefused) ? nil : request, problems: checker.problems)
  }
}

/// Walks over the answers and notes what is wrong with each.
struct ResetChecker {
  let answers: ResetAnswers
  let facts: ResetFacts
  private(set) var problems: [ResetProblem] = []

  init(answers: ResetAnswers, facts: ResetFacts) {
    self.answers = answers
    self.facts = facts
  }

  mutating func request() -> ResetRequest {
    let device = device()
    let vlan = vlan()
    var checker = AddressChecker(answers.addresses)
    checker.modes()
    let ipv4 = checker.ipv4()
    let ipv6 = checker.ipv6()
    let dns = checker.dns(isUsed: answers.uses(.dns))
    let domains = checker.searchDomains(besides: dns, isUsed: answers.uses(.searchDomains))
    problems += checker.problems.map { ResetProblem(ResetAnswers.Field($0.field), $0.text, isRefused: $0.isRefused) }
    return ResetRequest(
      device: device, vlan: vlan, ipv4: ipv4, ipv6: ipv6, dns: dns, searchDomains: domains,
      keepsInterfaceNames: answers.keepsInterfaceNames, coordinator: coordinator(ipv4, ipv6))
  }

  mutating func refuse(_ field: ResetAnswers.Field, _ text: String) { problems.append(ResetProblem(field, text)) }

  mutating func remark(_ field: ResetAnswers.Field, _ text: String) {
    problems.append(ResetProblem(field, text, isRefused: false))
  }

  // MARK: Where

  private mutating func device() -> String {
    let name = answers.device.stripped
    if name.isEmpty {
      refuse(.device, "choose the NIC that shall carry management")
    } else if let problem = DeviceName.problem(name) {
      refuse(.device, problem)
    } else if facts.devices.contains(where: { $0.name == name }) {
      // Known, and good.
    } else if facts.now.device == name, !facts.now.members.isEmpty {
      refuse(.device, "\(name) is a bond: choose one of its NICs (\(facts.now.members.joined(separator: ", ")))")
    } else if let problem = facts.devicesProblem {
      remark(.device, "whether this host has \(name) is not known: \(problem)")
    } else {
      let names = facts.devices.map(\.name).joined(separator: ", ")
      refuse(.device, "this host has no NIC \(name)" + (names.isEmpty ? "" : ", only \(names)"))
    }
    return name
  }

  private mutating func vlan() -> Int? {
    let text = answers.vlan.stripped
    guard !text.isEmpty else { return nil }
    guard let tag = VLANTag.parse(text) else {
      refuse(.vlan, VLANTag.rule)
      return nil
    }
    if tag == 0 { remark(.vlan, VLANTag.priorityOnly) }
    return tag
  }

  // MARK: The pool

  private mutating func coordinator(_ ipv4: ResetRequest.IPv4, _ ipv6: ResetRequest.IPv6) -> InternetAddress? {
    let text = answers.coordinator.stripped
    guard !text.isEmpty else { return nil }
    guard facts.role.isMember else {
      remark(.coordinator, "this host is no pool member: the coordinator's address is not used")
      return nil
    }
    let address: InternetAddress
    do { address = try InternetAddress(parsing: text) } catch {
      refuse(.coordinator, "\(text) is not an address: \(error)")
      return nil
    }
    if let reason = address.reasonNotForHosts {
      refuse(.coordinator, reason)
      return nil
    }
    if case .v4(let theirs) = address, case .fixed(let ours, _) = ipv4, ours.address == theirs {
      refuse(.coordinator, "\(theirs) is the address this member itself shall have")
    }
    if case .v6(let theirs) = address, case .fixed(let ours, _) = ipv6, ours.address == theirs {
      refuse(.coordinator, "\(theirs) is the address this member itself shall have")
    }
    if address.isIPv6 ? answers.modeV6 == .none : answers.mode == .none {
      refuse(.coordinator, "\(address) cannot be reached: this host would have no \(address.isIPv6 ? "IPv6" : "IPv4")")
    }
    return address
  }
}

/// Names of network devices.
enum DeviceName {
  /// Why a text cannot be the name of a NIC; nil when it can.
  static func problem(_ name: String) -> String? {
    if name.hasPrefix("side-") {
      return "\(name) is a NIC whose renaming failed: reboot, or see /var/log/interface-rename.log"
    }
    // IFNAMSIZ is 16 with the final zero.
    if name.utf8.count > 15 { return "a device's name has at most 15 characters" }
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
    return isPlain ? nil : "a device's name is made of letters, digits, dots, hyphens and underscores"
  }
}
