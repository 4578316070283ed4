import ArgumentParser
import Dom0
import HostNetworking
import JSON
import XenAPI

extension NICCommand {
  /// What NICs are called: names, rename, reset-names.
  static let names: [any ParsableCommand.Type] = [Names.self, Rename.self, ResetNames.self]

  struct Names: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what each NIC is called, now and at the next boot, and why.",
      discussion: """
        With the rules of interface-rename, NICs that are gone, and what is left to do in XAPI after a renaming. On releases \
        where networkd orders NICs itself, that order. Works without XAPI. Exit code 1: the rules cannot be read.
        """)

    @OptionGroup var host: HostOptions

    @Flag(help: "Answer with a JSON object.")
    var json = false

    func run(on standard: Standard) throws -> Int32 {
      let names = try host.nicNames()
      let paper = NICNamesPaper(names)
      if json { standard.say(paper.json.description) } else { for line in paper.lines { standard.say(line) } }
      return names.problem == nil ? 0 : 1
    }
  }

  struct Rename: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Give NICs other names, from the next boot on.",
      discussion: """
        Names are given as to the vendor's interface-rename --update: ethN=MAC, ethN=PCI, ethN=POSITION (em1, p1p2) or \
        ethN="SMBIOS label". Whoever loses a name gets the one that became free, so that one word is enough for a swap. NICs in use \
        are refused: management, bond members, those with VLANs or an address.

        """ + PlanOptions.exitCodes)

    @Argument(help: ArgumentHelp("The names.", valueName: "ethN=NIC"))
    var names: [String]

    @Flag(help: "Refuse where a NIC would lose its name and is given no other.")
    var noComplete = false

    @Flag(help: "Change static rules that stand in the way.")
    var changeStatic = false

    @OptionGroup var host: HostOptions
    @OptionGroup var options: PlanOptions

    func run(on standard: Standard) throws -> Int32 {
      let nics = try host.nicNames().nics
      let request: RenameRequest
      do throws(ChangeProblem) {
        request = try RenameRequest(parsing: names, among: nics, completes: !noComplete, changesStaticRules: changeStatic)
      } catch {
        throw Failure(text: "\(error)", code: 2)
      }
      return try PlanRunner(host: host, options: options, standard: standard).run(.renameNICs(request))
    }
  }

  struct ResetNames: ParsableCommand, LayoutSubcommand {
    static let configuration = CommandConfiguration(
      abstract: "Go back to the names of the installation, from the next boot on.", discussion: PlanOptions.exitCodes)

    @OptionGroup var host: HostOptions
    @OptionGroup var options: PlanOptions

    func run(on standard: Standard) throws -> Int32 {
      try PlanRunner(host: host, options: options, standard: standard).run(.resetNICNames)
    }
  }
}

extension HostOptions {
  fileprivate func nicNames() throws -> NICNames {
    let (system, client) = (try checked(), try client())
    defer { _ = try? waiting { await client.logout() } }
    return try waiting { await NICNames.look(client, system) }
  }
}

/// Names of NICs for people and for programs.
private struct NICNamesPaper {
  private let names: NICNames

  init(_ names: NICNames) { self.names = names }

  // MARK: For people

  var lines: [String] {
    if names.scheme == .order {
      return ["networkd orders the NICs itself; there is nothing to rename."]
        + columns(
          [["POSITION", "NAME", "MAC", "PCI", "PRESENT"]]
            + names.order.map { ["\($0.position)", $0.name, $0.mac, $0.pci ?? "-", $0.isPresent ? "yes" : "no"] })
        + ((try? names.initialRules?.get())?.rules ?? []).map { " - at the installation: \($0.position) is \($0.method.rawValue) \($0.value)" }
        + names.remarks.map { " ! \($0)" }
    }
    var lines = columns(
      [["NAME", "NEXT", "MAC", "PCI", "PLACE", "LINK", "DRIVER", "LABEL", "USED FOR"]]
        + names.nics.map { nic in
          [
            nic.name, nic.nextName ?? "?", nic.mac, nic.pci.isEmpty ? "-" : nic.pci, nic.card.physical ?? "-", Self.word(nic.link), nic.driver,
            nic.card.label ?? "-", nic.use.line,
          ]
        })
    if let problem = names.problem { lines.append("!! the names of the next boot cannot be told: \(problem)") }
    if let silence = names.silence { lines.append(" ! \(silence); what NICs are used for is from networkd's file") }
    for nic in names.nics {
      if let before = nic.nameBeforeAside { lines.append(" ! \(nic.name) was \(before): its renaming failed, a reboot tries again") }
      if let rule = names.rule(of: nic.mac) { lines.append(" - static rule: \(rule.name) by \(rule.method.rawValue) \"\(rule.value)\" (\(nic.name))") }
      if !nic.isRemembered { lines.append(" - \(nic.name) is new: the rules do not know it") }
    }
    lines += names.remarks.map { " ! \($0)" }
    lines += names.absent.map { " - \($0.name) was \($0.mac) at \($0.pci), which is not in the machine" }
    return lines + names.leftovers.map { " ! \($0.text)" }
  }

  private static func word(_ link: LinkState) -> String {
    switch link {
    case .up: "up"
    case .down: "down"
    case .partly(let up, let all): "\(up)/\(all)"
    case .unknown: "?"
    }
  }

  private func columns(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  // MARK: For programs

  var json: JSONValue {
    let scheme = switch names.scheme {
    case .rules: "interface-rename"
    case .order: "networkd"
    case .none: "none"
    }
    var object = JSONObject([("scheme", .string(scheme)), ("nics", .array(names.nics.map(nic)))])
    if !names.order.isEmpty {
      object.append(
        "order",
        .array(
          names.order.map {
            [
              "position": .int(Int64($0.position)), "name": .string($0.name), "mac": .string($0.mac),
              "pci": $0.pci.map { .string($0) } ?? .null, "present": .bool($0.isPresent),
            ]
          }))
    }
    object.append("absent", .array(names.absent.map { ["name": .string($0.name), "mac": .string($0.mac), "pci": .string($0.pci)] }))
    object.append("problem", names.problem.map { .string($0) } ?? .null)
    object.append("remarks", .array(names.remarks.map { .string($0) }))
    object.append("left", .array(names.leftovers.map { .string($0.text) }))
    return .object(object)
  }

  private func nic(_ nic: NICNames.NIC) -> JSONValue {
    let rule = names.rule(of: nic.mac)
    return [
      "name": .string(nic.name), "next": nic.nextName.map { .string($0) } ?? .null, "mac": .string(nic.mac), "pci": .string(nic.pci),
      "position": nic.card.physical.map { .string($0) } ?? .null, "label": nic.card.label.map { .string($0) } ?? .null,
      "driver": .string(nic.driver), "link": nic.link == .unknown ? .null : .bool(nic.link == .up),
      "speed": nic.speed.map { .int(Int64($0)) } ?? .null, "use": .array(nic.use.words.map { .string($0) }), "network": .string(nic.use.network),
      "vms": .array(nic.use.vms.map { .string($0) }), "blocked": .array(nic.use.reasons.map { .string($0.text) }),
      "static": rule.map { .string("\($0.method.rawValue) \($0.value)") } ?? .null, "remembered": .bool(nic.isRemembered),
    ]
  }
}
