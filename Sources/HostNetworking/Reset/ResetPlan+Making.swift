import Dom0

extension ResetPlan {
  /// Renders a reset of this host from its files as they are now.
  /// - Parameters:
  ///   - remounts: true when the root file system is read-only and shall be made writable first.
  ///   - savesLayout: true when the run will be given something that saves the layout of the network.
  public static func make(
    _ request: ResetRequest, on system: HostSystem, remounts: Bool = false, savesLayout: Bool = false
  ) throws(ResetFailure) -> ResetPlan {
    let files: ResetFiles
    do { files = try ResetFiles(of: system) } catch { throw .refused("\(error)") }
    return try make(request, from: files, remounts: remounts, savesLayout: savesLayout)
  }

  static func make(
    _ request: ResetRequest, from files: ResetFiles, remounts: Bool = false, savesLayout: Bool = false
  ) throws(ResetFailure) -> ResetPlan {
    let edits = try ResetEdits(request, files)
    var steps: [ResetStep] = []
    if remounts {
      steps.append(
        ResetStep(.remount, "Make the root file system writable", equivalent: ["mount -o remount,rw /"]))
    }
    if savesLayout {
      steps.append(
        ResetStep(
          .saveLayout, "Save the layout of the network, to restore it afterwards", equivalent: ["xcpconsole layout save"]))
    }
    steps += [
      ResetStep(.backup, "Copy the present files to \(ResetJournal.folder)"),
      ResetStep(.stopXAPI, "Stop XAPI", equivalent: ["systemctl stop xapi"]),
      ResetStep(.stopNetworkd, "Stop the network daemon", equivalent: ["systemctl stop xcp-networkd"]),
    ]
    steps += edits.steps
    steps.append(ResetStep(.finish, "Note that everything is written", equivalent: ["sync"]))
    return ResetPlan(request: request, steps: steps)
  }
}

/// The changes of files, in the order in which a power cut between any two of them leaves a host that boots into the old
/// settings or the new ones.
///
/// The trigger comes first: with it there, XAPI brings everything into line at its next start, whatever else was reached.
/// networkd.db goes before the inventory names the new bridge: with the old name there, networkd sets up the new
/// configuration on a bridge of the old name, which works; the other way round a member would wait for an address on a
/// bridge that nobody makes (`reference/xapi.md` §4.7).
struct ResetEdits {
  private let request: ResetRequest
  private let settings: ManagementSettings
  private let files: ResetFiles
  private let inventory: Inventory
  private(set) var steps: [ResetStep] = []

  init(_ request: ResetRequest, _ files: ResetFiles) throws(ResetFailure) {
    self.request = request
    self.files = files
    settings = request.settings
    do throws(HostFileError) {
      inventory = try Inventory(parsing: files.inventory)
    } catch { throw .refused("\(error)") }
    do throws(SettingError) {
      try addCoordinator()
      try addTrigger()
    } catch { throw .refused("\(error)") }
    do throws(SettingError) {
      let conf = try ManagementConf.rendered(settings)
      if let old = oldSettings() {
        addManagementConf(old, .oldSettings, "Write the present settings to management.conf, for the time in between")
        addDatabase()
        try addInventory()
        addManagementConf(conf, .managementConf, Self.newSettings)
      } else if collides {
        addDatabase()
        try addInventory()
        addManagementConf(conf, .managementConf, Self.newSettings)
      } else {
        addManagementConf(conf, .managementConf, Self.newSettings)
        addDatabase()
        try addInventory()
      }
    } catch { throw .refused("\(error)") }
    addRules()
  }

  private static let newSettings = "Write the new settings to management.conf"

  // MARK: The order of the network's files

  private var oldBridge: String { inventory.managementInterface ?? "" }

  /// True when the VLAN's own bridge would get the name of the bridge below it, should the power fail after networkd.db is
  /// gone and before the inventory is written.
  private var collides: Bool { request.vlan != nil && oldBridge == ManagementSettings.bridge(of: request.device) }

  /// What management.conf has to say while networkd.db is gone and the VLAN cannot be set up yet: what is there today. nil
  /// when the order need not care.
  private func oldSettings() -> [UInt8]? {
    guard collides, let bytes = files.networkdDB, let database = try? NetworkdDB(parsing: bytes) else { return nil }
    if let settings = database.settings(ofBridge: oldBridge), let conf = try? ManagementConf.rendered(settings) {
      return conf
    }
    // A bridge without an address: management.conf has to say so in a way that networkd accepts.
    return Array("LABEL='\(request.device)'\nMODE='none'\n".utf8)
  }

  // MARK: The files

  private mutating func addCoordinator() throws(SettingError) {
    guard files.isMember, let address = request.coordinator else { return }
    add(
      .coordinator, "Set the coordinator's address to \(address)", PoolConf.path, files.poolConf,
      try PoolConf.member(coordinator: "\(address)").rendered())
  }

  private mutating func addTrigger() throws(SettingError) {
    if let family = changedFamily {
      // Before the trigger: XAPI would carry it out and then refuse a management interface without an address of the old
      // family.
      let changed = try setting(inventory, ["MANAGEMENT_ADDRESS_TYPE": family])
      add(
        .addressFamily, "Make \(family) this host's primary address family", Inventory.path, files.inventory, changed.bytes)
    }
    add(
      .trigger, "Tell XAPI to reset its network records at its next start", files.triggerPath, files.trigger,
      try ResetTrigger.rendered(settings))
  }

  private mutating func addManagementConf(_ bytes: [UInt8], _ kind: ResetStep.Kind, _ sentence: String) {
    let before = steps.last { $0.edit?.path == ManagementConf.path }?.edit?.new ?? files.managementConf
    add(kind, sentence, ManagementConf.path, before, bytes)
  }

  private mutating func addDatabase() {
    add(
      .networkdDatabase, "Remove the network daemon's saved state, so that it reads management.conf", NetworkdDB.path,
      files.networkdDB, nil)
  }

  private mutating func addInventory() throws(SettingError) {
    var values = [
      "MANAGEMENT_INTERFACE": files.renamesInterfaces ? settings.managementBridge : "", "CURRENT_INTERFACES": "",
    ]
    if let family = changedFamily { values["MANAGEMENT_ADDRESS_TYPE"] = family }
    let changed = try setting(inventory, values)
    let before = steps.last { $0.edit?.path == Inventory.path }?.edit?.new ?? files.inventory
    let sentence =
      files.renamesInterfaces
      ? "Name \(settings.managementBridge) as the management bridge in the inventory"
      : "Leave the management bridge in the inventory to the network daemon"
    add(.inventory, sentence, Inventory.path, before, changed.bytes)
  }

  /// Copies the installer's rules over the live ones, as `interface-rename.py --reset-to-install` does.
  private mutating func addRules() {
    guard files.renamesInterfaces, !request.keepsInterfaceNames else { return }
    for (name, kind) in [(ResetFiles.Rules.fixed, ResetStep.Kind.staticRules), (.dynamic, .dynamicRules)] {
      guard let pair = files.rules[name], let installed = pair.installed else { continue }
      let what = name == .fixed ? "fixed" : "remembered"
      steps.append(
        ResetStep(
          kind, "Put the installation's \(what) interface names back",
          equivalent: ["cp \(name.installedPath) \(name.livePath)"],
          edit: FileEdit(path: name.livePath, old: pair.live, new: installed)))
    }
  }

  /// The family the inventory has to name and does not.
  private var changedFamily: String? {
    guard let family = request.onlyFamily, (inventory.managementAddressType ?? "IPv4") != family else { return nil }
    return family
  }

  private func setting(_ inventory: Inventory, _ values: [String: String]) throws(SettingError) -> Inventory {
    var changed = inventory
    // In the order in which the vendor's program adds them where they are missing.
    for key in ["MANAGEMENT_ADDRESS_TYPE", "MANAGEMENT_INTERFACE", "CURRENT_INTERFACES"] {
      guard let value = values[key] else { continue }
      do throws(HostFileError) {
        changed = try changed.setting(key, to: value)
      } catch {
        throw SettingError(field: key, rule: "\(error)")
      }
    }
    return changed
  }

  private mutating func add(
    _ kind: ResetStep.Kind, _ sentence: String, _ path: String, _ old: [UInt8]?, _ new: [UInt8]?
  ) {
    steps.append(
      ResetStep(
        kind, sentence, equivalent: [new == nil ? "rm -f \(path)" : "edit \(path)"],
        edit: FileEdit(path: path, old: old, new: new)))
  }
}
