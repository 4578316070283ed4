extension LLDPAnswer {
  /// Asks `lldptool`, which dom0 has; where that has nothing to say, `lldpcli`, for hosts on which somebody has put lldpd.
  /// - Throws: why the first of them that is there could not be asked.
  public static func read(_ nic: String, on system: HostSystem) async throws(LiveFailure) -> LLDPAnswer {
    var first: LiveFailure?
    do {
      let answer = try await fromLLDPAD(nic, system)
      if case .neighbour = answer { return answer }
      return (try? await fromLLDPD(nic, system)) ?? answer
    } catch {
      first = error
    }
    do {
      return try await fromLLDPD(nic, system)
    } catch {
      // A daemon that is stopped says more than a tool that was never there.
      if let first, !first.isAbsence || error.isAbsence { throw first }
      throw error
    }
  }

  private static func fromLLDPAD(_ nic: String, _ system: HostSystem) async throws(LiveFailure) -> LLDPAnswer {
    do {
      let neighbour = LLDPNeighbour(lldptool: try await system.answerText(of: ["lldptool", "-t", "-n", "-i", nic]))
      return neighbour.isEmpty ? .silence("lldptool") : .neighbour(neighbour)
    } catch {
      // Its words for a port on which it does not listen.
      if case .refused(_, _, let message) = error, message.lowercased().contains("device not found") { return .deaf("lldptool") }
      throw error
    }
  }

  private static func fromLLDPD(_ nic: String, _ system: HostSystem) async throws(LiveFailure) -> LLDPAnswer {
    let text = try await system.answerText(of: ["lldpcli", "-f", "keyvalue", "show", "neighbors"])
    let neighbour = LLDPNeighbour(keyValues: text, of: nic)
    return neighbour.isEmpty ? .silence("lldpcli") : .neighbour(neighbour)
  }
}

extension LLDPNeighbour {
  /// What `lldptool -t -n -i NIC` wrote: a heading for each part (`Port ID TLV`), below it what it says, set in by a tab.
  public init(lldptool text: String) {
    self.init()
    var heading = ""
    for line in text.lines {
      let value = line.trimmed
      if value.isEmpty { continue }
      if line.first?.isWhitespace == false {
        heading = value.hasSuffix(" TLV") ? String(value.dropLast(4)) : ""
        continue
      }
      take(value, under: heading)
    }
  }

  private mutating func take(_ value: Substring, under heading: String) {
    // `MAC: …`, `Ifname: …`, `Local: …`: how the value is meant.
    let meant = value.halves(at: ":").map { String($0.1) }
    switch heading {
    case "Chassis ID": chassis = chassis ?? meant
    case "Port ID": port = port ?? meant
    case "Port Description": portDescription = portDescription ?? String(value)
    case "System Name": system = system ?? String(value)
    case "System Description": systemDescription = systemDescription.map { $0 + "\n" + value } ?? String(value)
    case "Management Address":
      if value.hasPrefix("IPv4:") || value.hasPrefix("IPv6:"), let meant, !meant.isEmpty { addresses.append(meant) }
    case "Port VLAN ID":
      // 0 stands for none (IEEE 802.1Q, annex D).
      if value.hasPrefix("PVID:"), let number = meant.flatMap({ Int($0) }), (1...4094).contains(number) { vlan = number }
    default: break
    }
  }

  /// What `lldpcli -f keyvalue show neighbors` wrote: `lldp.eth0.port.ifname=Ethernet12`, of all NICs.
  public init(keyValues text: String, of nic: String) {
    self.init()
    let head = "lldp.\(nic)."
    var last: String?
    var tag: Int?
    for line in text.lines {
      guard line.hasPrefix("lldp."), let (key, value) = line.halves(at: "=") else {
        // A value that goes on.
        if last == "chassis.descr", !line.isEmpty { systemDescription? += "\n" + line.trimmed }
        continue
      }
      last = nil
      guard key.hasPrefix(head), !value.isEmpty else { continue }
      let name = String(key.dropFirst(head.count))
      last = name
      switch name {
      case "chassis.name": system = system ?? String(value)
      case "chassis.descr": systemDescription = systemDescription ?? String(value)
      case "chassis.mac", "chassis.ip", "chassis.local", "chassis.ifname": chassis = chassis ?? String(value)
      case "chassis.mgmt-ip": addresses.append(String(value))
      case "port.ifname", "port.mac", "port.local": port = port ?? String(value)
      case "port.descr": portDescription = portDescription ?? String(value)
      case "vlan.vlan-id": tag = Int(value)
      case "vlan.pvid": if value == "yes", let tag, (1...4094).contains(tag) { vlan = tag }
      default: break
      }
    }
  }
}
