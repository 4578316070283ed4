import Dom0

/// Files of the host that are missing or damaged, by name, with what comes of it.
extension Evidence {
  func files() -> [Finding] {
    guard let local else { return [] }
    let files = local.files
    var findings: [Finding] = []
    func look<Value>(
      _ part: LocalFiles.Part<Value>?, _ weight: Finding.Weight, ifMissing missing: Finding.Weight?,
      _ remedy: String? = nil
    ) {
      guard case .failure(let error) = part else { return }
      if case .missing = error {
        if let missing { findings.append(Finding(missing, "\(error).", remedy: remedy)) }
      } else {
        findings.append(Finding(weight, "\(error).", remedy: remedy))
      }
    }
    look(
      files.inventory, .trouble, ifMissing: .trouble,
      "XAPI makes up a new one with another identity: put back a copy first.")
    look(
      files.pool, .trouble, ifMissing: .trouble,
      "XAPI cannot tell the host's role: write master or slave:ADDRESS into it.")
    look(files.network, .warning, ifMissing: .notice, "Open vSwitch is assumed.")
    // Without its database networkd goes by management.conf, if that can be used.
    let hasFallback = (try? files.management.get()).map { $0.failure == nil } ?? false
    look(
      files.networkd, hasFallback ? .warning : .trouble, ifMissing: hasFallback ? .warning : .trouble,
      hasFallback
        ? "At its next start networkd sets up management alone, by management.conf."
        : "At its next start networkd sets up no network at all.")
    let isNeeded = if case .failure = files.networkd { true } else { false }
    look(
      files.management, isNeeded ? .trouble : .notice, ifMissing: isNeeded ? .trouble : .notice,
      "It is used when networkd.db is lost; a network reset writes it anew.")
    if let conf = try? files.management.get(), let failure = conf.failure {
      findings.append(
        Finding(
          isNeeded ? .trouble : .notice, "\(ManagementConf.path) cannot be used: \(failure).",
          remedy: "It is used when networkd.db is lost; a network reset writes it anew."))
    }
    look(files.trigger, .trouble, ifMissing: nil, "XAPI stumbles over it at every start.")
    look(files.local, .warning, ifMissing: nil, "Whether high availability is armed cannot be told.")
    look(files.staticRules, .warning, ifMissing: nil, "NICs may get other names at the next boot.")
    look(files.dynamicRules, .warning, ifMissing: .notice, "NICs may get other names at the next boot.")
    look(local.saved, .notice, ifMissing: .notice, "Networks and VMs are shown without names.")
    findings += contents(files)
    return findings
  }

  /// Files that can be read, but not by everybody in the same way.
  private func contents(_ files: LocalFiles) -> [Finding] {
    var findings: [Finding] = []
    if let inventory = try? files.inventory.get(), let first = inventory.problems.first {
      findings.append(Finding(.warning, "\(Inventory.path): \(first)."))
    }
    if let database = try? files.networkd.get(), let first = database.problems.first {
      findings.append(Finding(.warning, "\(NetworkdDB.path): \(first)."))
    }
    findings += files.strayConfigurations.map { name in
      Finding(
        .warning, "\(LocalFiles.scripts)/\(name) fights with xcp-networkd.",
        remedy: "Move it elsewhere: networkd needs none.")
    }
    return findings
  }
}
