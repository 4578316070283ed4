/// `interface-rename`, and `biosdevname` that it asks (notes on dom0 §1.2, §1.7, §1.8).
extension SimulatedHost {
  func renameTool(_ arguments: [String]) -> SimulatedTool? {
    guard layout.hasInterfaceRename, let tree = dom0.tree else { return nil }
    let flags = Set(arguments.filter { $0.hasPrefix("-") })
    func asks(_ names: String...) -> Bool { !flags.isDisjoint(with: names) }
    let isDry = asks("-d", "--dry-run")
    let actions = [asks("-l", "--list"), asks("-u", "--update"), asks("-r", "--rename"), asks("--reset-to-install")]
    guard actions.count(where: { $0 }) == 1 else {
      return .failure(2, "Usage: interface-rename --rename|--list|--update <args>|--reset-to-install [-v] [-d]\n\n"
        + "interface-rename: error: Expected exactly one action")
    }
    if actions[0] { return SimulatedTool(listing) }
    if actions[1] { return update(arguments.filter { !$0.hasPrefix("-") }, tree, isDry: isDry) }
    if actions[3], !isDry {
      for name in ["static-rules.conf", "dynamic-rules.json"] {
        guard let bytes = tree.read("\(InterfaceRename.folder)/.from_install/\(name)") else {
          return Self.said([("ERROR", "Unable to read \(InterfaceRename.folder)/.from_install/\(name)")], code: 1)
        }
        try? tree.put("\(InterfaceRename.folder)/\(name)", .file(bytes, mode: 0o644))
      }
    }
    return Self.said([("INFO", "All done")])
  }

  private static func said(_ lines: [(level: String, text: String)], code: Int32 = 0) -> SimulatedTool {
    let text = lines.map { line in
      line.level + String(repeating: " ", count: 8 - line.level.count) + " [2026-11-22 20:00:02] \(line.text)\n"
    }
    return SimulatedTool(code: code, errors: Array(text.joined().utf8))
  }

  /// Columns as wide as they must be, two blanks between.
  private var listing: String {
    let order = CardNaming.inOrder(ownCards)
    let rows = [["Name", "MAC", "PCI", "ethN", "Phys", "SMBios", "Driver", "Version", "Firmware"]]
      + ownCards.map { card in
        let place = order.firstIndex(of: card) ?? 0
        return [
          card.device, card.mac, "\(card.pciPath)[0]", "eth\(place)", "em\(place + 1)", "Integrated NIC \(place + 1)", card.driver,
          EthtoolTool.version(of: card.driver), EthtoolTool.firmware(of: card.driver),
        ]
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) + "  " }.joined() + "\n"
    }.joined()
  }

  /// Nothing is renamed: the rules of the next boot are written.
  private func update(_ words: [String], _ tree: FileTree, isDry: Bool) -> SimulatedTool {
    var lines = [("INFO", "Performing manual update of rules.  Not actually renaming interfaces")]
    var asked: [CardNaming.Claim] = []
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map { String($0) }
      guard parts.count == 2, CardNaming.number(parts[0]) != nil else {
        lines.append(("WARNING", "'\(word)' is not a valid mapping - Ignoring"))
        continue
      }
      let value = parts[1].filter { $0 != "\"" }
      guard let card = CardNaming.card(value, "guess", among: ownCards) else {
        lines.append(("WARNING", "No NIC found for '\(parts[1])' for the \(parts[0]) rule"))
        continue
      }
      asked.append(.init(name: parts[0], mac: card.mac))
    }
    guard !asked.isEmpty else {
      return Self.said(lines + [("ERROR", "No valid update rules after processing.  Doing nothing")], code: 1)
    }
    let rules = InterfaceRename.rules(in: tree)
    let naming = CardNaming(ownCards, lastBoot: rules.lastBoot, old: rules.old)
    do throws(CardNaming.Stuck) {
      let names = try naming.names(InterfaceRename.claims(in: tree, for: ownCards) + asked)
      let after = naming.rules(names)
      if !isDry {
        try? tree.put(
          "\(InterfaceRename.folder)/dynamic-rules.json",
          .text(InterfaceRename.dynamicRules(lastBoot: after.lastBoot, old: after.old)))
      }
      return Self.said(lines + [("INFO", "All done")])
    } catch {
      return Self.said(lines + [("CRITICAL", "Problem from rename logic: \(error.text).  Giving up")], code: 1)
    }
  }

  /// Where cards are on the board never changes, whatever they are called.
  func biosdevname(_ arguments: [String]) -> SimulatedTool {
    let isPhysical = arguments.contains("physical")
    let order = CardNaming.inOrder(ownCards)
    let blocks = order.enumerated().map { place, card -> String in
      let port = place + 1
      let mac = card.mac.uppercased()
      return """
        BIOS device: \(isPhysical ? "em\(port)" : "eth\(place)")
        Kernel name: \(card.device)
        Permanent MAC: \(mac)
        Assigned MAC : \(mac)
        Driver: \(card.driver)
        Driver version: \(EthtoolTool.version(of: card.driver))
        Firmware version: \(EthtoolTool.firmware(of: card.driver))
        Bus Info: \(card.pciPath)
        PCI name      : \(card.pciPath)
        PCI Slot      : embedded
        SMBIOS Device Type: Ethernet
        SMBIOS Instance: \(port)
        SMBIOS Label: Integrated NIC \(port)
        sysfs Label: NIC\(port)
        Embedded Index: \(port)

        """
    }
    return SimulatedTool(blocks.joined(separator: "\n"))
  }
}
