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
      ResetStep(.prepare, "Lay the new files ready beside the old"),
      ResetStep(.turn, "Switch from the old files to the new, all in one instant"),
    ]
    steps += edits.steps
    steps.append(ResetStep(.finish, "Note that everything is written", equivalent: ["sync"]))
    return ResetPlan(request: request, steps: steps)
  }
}

/// The changes of files. Their order does not matter: they come true in one instant (`FileSwitch`).
struct ResetEdits {
  private let request: ResetRequest
  private let settings: ManagementSettings
  private let files: ResetFiles
  private(set) var steps: [ResetStep] = []

  init(_ request: ResetRequest, _ files: ResetFiles) throws(ResetFailure) {
    self.request = request
    self.files = files
    settings = request.settings
    do throws(SettingError) {
      try addCoordinator()
      add(
        .trigger, "Tell XAPI to reset its network records at its next start", files.triggerPath, files.trigger,
        try ResetTrigger.rendered(settings))
      add(
        .managementConf, "Write the new settings for the network daemon", ManagementConf.path, files.managementConf,
        try ManagementConf.rendered(settings))
    } catch { throw .refused("\(error)") }
    add(
      .networkdDatabase, "Remove the network daemon's saved state, so that it reads the new settings", NetworkdDB.path,
      files.networkdDB, nil)
    do throws(HostFileError) { try addInventory() } catch { throw .refused("\(error)") }
    addRules()
  }

  private mutating func addCoordinator() throws(SettingError) {
    guard files.isMember, let address = request.coordinator else { return }
    add(
      .coordinator, "Set the coordinator's address to \(address)", PoolConf.path, files.poolConf,
      try PoolConf.member(coordinator: "\(address)").rendered())
  }

  /// Keys that are missing are added in the order of the vendor's program.
  private mutating func addInventory() throws(HostFileError) {
    var inventory = try Inventory(parsing: files.inventory)
    if let family = request.onlyFamily, (inventory.managementAddressType ?? "IPv4") != family {
      inventory = try inventory.setting("MANAGEMENT_ADDRESS_TYPE", to: family)
    }
    let bridge = files.renamesInterfaces ? settings.managementBridge : ""
    inventory = try inventory.setting("MANAGEMENT_INTERFACE", to: bridge).setting("CURRENT_INTERFACES", to: "")
    let sentence =
      files.renamesInterfaces
      ? "Name \(bridge) as the management bridge in the inventory"
      : "Leave the management bridge in the inventory to the network daemon"
    add(.inventory, sentence, Inventory.path, files.inventory, inventory.bytes)
  }

  /// The installer's rules over the live ones, as `interface-rename.py --reset-to-install` copies them.
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

  private mutating func add(
    _ kind: ResetStep.Kind, _ sentence: String, _ path: String, _ old: [UInt8]?, _ new: [UInt8]?
  ) {
    steps.append(
      ResetStep(
        kind, sentence, equivalent: [new == nil ? "rm -f \(path)" : "edit \(path)"],
        edit: FileEdit(path: path, old: old, new: new)))
  }
}
