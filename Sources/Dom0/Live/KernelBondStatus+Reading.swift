extension KernelBondStatus {
  /// Every bond of the kernel; none when its bonding driver is not loaded.
  public static func all(on system: HostSystem) throws(HostFileError) -> [KernelBondStatus] {
    let names: [String]
    do {
      names = try system.names(in: folder)
    } catch .missing {
      return []
    }
    var bonds: [KernelBondStatus] = []
    for name in names { bonds.append(parse(try system.text("\(folder)/\(name)"), name: name)) }
    return bonds
  }

  /// What a file of `/proc/net/bonding` holds. The same keys stand for the bond first and for each member then.
  public static func parse(_ text: String, name: String) -> KernelBondStatus {
    var bond = KernelBondStatus(name: name, members: [])
    for line in text.lines {
      guard let (key, value) = line.halves(at: ":") else { continue }
      if key == "Slave Interface" {
        bond.members.append(Member(name: String(value)))
      } else if bond.members.isEmpty {
        bond.take(key, value)
      } else {
        bond.members[bond.members.count - 1].take(key, value)
      }
    }
    return bond
  }

  private mutating func take(_ key: Substring, _ value: Substring) {
    switch key {
    case "Bonding Mode": mode = String(value)
    case "MII Status": hasLink = value == "up"
    case "Up Delay (ms)": upDelay = Int(value)
    case "Down Delay (ms)": downDelay = Int(value)
    case "Currently Active Slave": active = value == "None" ? nil : String(value)
    case "LACP rate": rate = value.lowercased()
    // In the bond's own part it is that of the active one.
    case "Aggregator ID": aggregator = Int(value)
    case "Partner Mac Address": partnerMAC = value.lowercased()
    default: break
    }
  }
}

extension KernelBondStatus.Member {
  fileprivate init(name: String) {
    self.init(
      name: name, hasLink: nil, speed: nil, duplex: nil, failures: nil, permanentMAC: nil, aggregator: nil)
  }

  fileprivate mutating func take(_ key: Substring, _ value: Substring) {
    switch key {
    case "MII Status": hasLink = value == "up"
    case "Speed": speed = value.leadingNumber.flatMap(NetworkDevice.knownSpeed)
    case "Duplex": duplex = NetworkDevice.Duplex(rawValue: value.lowercased())
    case "Link Failure Count": failures = Int(value)
    case "Permanent HW addr": permanentMAC = value.lowercased()
    case "Aggregator ID": aggregator = Int(value)
    default: break
    }
  }
}

extension KernelVLAN {
  /// Every VLAN of the kernel; none when its driver is not loaded.
  public static func all(on system: HostSystem) throws(HostFileError) -> [KernelVLAN] {
    do {
      return parse(try system.text(path))
    } catch .missing {
      return []
    }
  }

  /// Lines like `eth0.42       | 42  | eth0`, below two of headings.
  public static func parse(_ text: String) -> [KernelVLAN] {
    text.lines.compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
      guard cells.count == 3, let tag = Int(cells[1]), !cells[0].isEmpty else { return nil }
      return KernelVLAN(name: String(cells[0]), tag: tag, device: String(cells[2]))
    }
  }
}
