extension EthtoolLink {
  public static func read(_ nic: String, on system: HostSystem) async throws(LiveFailure) -> EthtoolLink {
    try parse(try await Ethtool.answer([nic], on: system))
  }

  /// What `ethtool NIC` wrote, of 4.19 or later.
  public static func parse(_ text: String) throws(LiveFailure) -> EthtoolLink {
    let fields = try Ethtool.fields(text, head: "Settings for ")
    func first(_ name: String) -> String? { fields[name]?.first }
    func modes(_ name: String) -> [String] {
      (fields[name] ?? []).flatMap { $0.split(separator: " ").map { String($0) } }.filter { $0.contains("base") }
    }
    return EthtoolLink(
      speed: first("Speed")?.leadingNumber.flatMap(NetworkDevice.knownSpeed),
      duplex: first("Duplex").flatMap { NetworkDevice.Duplex(rawValue: $0.lowercased()) },
      negotiates: first("Auto-negotiation").map { $0 == "on" }, port: first("Port"),
      hasLink: first("Link detected").map { $0.hasPrefix("yes") }, supportedModes: modes("Supported link modes"),
      advertisedModes: modes("Advertised link modes"), partnerModes: modes("Link partner advertised link modes"),
      wakeOn: first("Wake-on"), fields: fields)
  }
}

extension EthtoolDriver {
  public static func read(_ nic: String, on system: HostSystem) async throws(LiveFailure) -> EthtoolDriver {
    parse(try await Ethtool.answer(["-i", nic], on: system))
  }

  /// What `ethtool -i NIC` wrote. An empty value counts as none.
  public static func parse(_ text: String) -> EthtoolDriver {
    var values: [Substring: String] = [:]
    for line in text.lines {
      if let (key, value) = line.halves(at: ":"), !value.isEmpty { values[key] = String(value) }
    }
    return EthtoolDriver(
      driver: values["driver"], version: values["version"], firmware: values["firmware-version"],
      bus: values["bus-info"])
  }
}

extension EthtoolFeature {
  public static func all(_ nic: String, on system: HostSystem) async throws(LiveFailure) -> [EthtoolFeature] {
    parse(try await Ethtool.answer(["-k", nic], on: system))
  }

  /// What `ethtool -k NIC` wrote: `tcp-segmentation-offload: off [requested on]`, sub-features indented.
  public static func parse(_ text: String) -> [EthtoolFeature] {
    text.lines.compactMap { line in
      guard !line.hasPrefix("Features for "), let (name, rest) = line.halves(at: ":") else { return nil }
      let value = rest.prefix { $0 != " " }
      guard value == "on" || value == "off" else { return nil }
      let requested: Bool? = rest.contains("[requested on]") ? true : rest.contains("[requested off]") ? false : nil
      return EthtoolFeature(
        name: String(name), isOn: value == "on", isFixed: rest.contains("[fixed]"), requested: requested)
    }
  }
}

extension EthtoolRings {
  public static func read(_ nic: String, on system: HostSystem) async throws(LiveFailure) -> EthtoolRings {
    parse(try await Ethtool.answer(["-g", nic], on: system))
  }

  /// What `ethtool -g NIC` wrote: `Pre-set maximums:`, then `Current hardware settings:`. `n/a` is left out.
  public static func parse(_ text: String) -> EthtoolRings {
    var rings = EthtoolRings(most: [:], current: [:])
    var isCurrent = false
    for line in text.lines {
      guard let (name, value) = line.halves(at: ":") else { continue }
      if name == "Current hardware settings" {
        isCurrent = true
      } else if let number = Int(value) {
        if isCurrent { rings.current[String(name)] = number } else { rings.most[String(name)] = number }
      }
    }
    return rings
  }
}

/// The address a NIC was made with.
public enum PermanentAddress {
  public static func read(_ nic: String, on system: HostSystem) async throws(LiveFailure) -> String? {
    parse(try await Ethtool.answer(["-P", nic], on: system))
  }

  /// What `ethtool -P NIC` wrote; nil where the NIC has none to tell (all zeros, or `not set` in later versions).
  public static func parse(_ text: String) -> String? {
    guard let (_, value) = text.halves(at: ":") else { return nil }
    let address = value.lowercased()
    let digits = address.filter { $0 != ":" }
    return digits.allSatisfy(\.isHexDigit) && digits.contains { $0 != "0" } ? address : nil
  }
}

extension EthtoolRow {
  /// Counters as this NIC's driver names them.
  public static func statistics(_ nic: String, on system: HostSystem) async throws(LiveFailure) -> [EthtoolRow] {
    parse(try await Ethtool.answer(["-S", nic], on: system))
  }

  /// What the plugged module says of itself and its light.
  public static func module(_ nic: String, on system: HostSystem) async throws(LiveFailure) -> [EthtoolRow] {
    parse(try await Ethtool.answer(["-m", nic], on: system))
  }

  /// What `ethtool -S NIC` or `-m NIC` wrote: a line for each, headings left out.
  public static func parse(_ text: String) -> [EthtoolRow] {
    text.lines.compactMap { line in
      guard let (name, value) = line.halves(at: ":"), !name.isEmpty, !value.isEmpty else { return nil }
      return EthtoolRow(name: String(name), value: String(value))
    }
  }
}

/// What ethtool's answers have in common.
private enum Ethtool {
  static func answer(_ arguments: [String], on system: HostSystem) async throws(LiveFailure) -> String {
    try await system.answerText(of: ["ethtool"] + arguments)
  }

  /// Lines of `Name: value`; what is indented more than the names and has no name of its own continues the last one.
  static func fields(_ text: String, head: String) throws(LiveFailure) -> [String: [String]] {
    var fields: [String: [String]] = [:]
    var last: String?
    guard text.lines.contains(where: { $0.hasPrefix(head) }) else {
      throw .garbage(tool: "ethtool", reason: "no line begins with \"\(head)\"")
    }
    for line in text.lines where !line.hasPrefix(head) && !line.trimmed.isEmpty {
      let isContinued = line.hasPrefix("\t\t") || line.hasPrefix("\t  ")
      if isContinued, let last {
        fields[last, default: []].append(String(line.trimmed))
      } else if let (name, value) = line.halves(at: ":") {
        last = String(name)
        fields[String(name), default: []].append(String(value))
      }
    }
    return fields
  }
}
