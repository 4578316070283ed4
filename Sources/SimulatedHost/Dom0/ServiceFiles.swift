/// The files of SSH, the clock and the host's name: changed in place, so that what administrators wrote there stays.
extension SimulatedHost {
  static let dhcpHook = "/etc/dhcp/dhclient.d/chrony.sh"
  static let timeFolder = "/run/chrony-dhcp"

  private var timePath: String { world.services.timeUnit == "ntpd" ? "/etc/ntp.conf" : "/etc/chrony.conf" }

  /// Written once, when the tree is made.
  func serviceEntries() -> [String: TreeEntry] {
    let services = world.services
    dom0.services = services
    var entries: [String: TreeEntry] = [
      "/etc/hostname": .text("\(hostname)\n"), "/proc/sys/kernel/hostname": .text("\(hostname)\n"),
      Self.dhcpHook: .text("# DHCP's time servers\n", mode: services.takesTimeServersFromDHCP ? 0o755 : 0o644),
    ]
    let servers = services.timeServers.map { "server \($0) iburst\n" }.joined()
    entries[timePath] =
      services.timeUnit == "ntpd"
      ? .text("driftfile /var/lib/ntp/drift\n" + servers)
      : .text(servers + "driftfile /var/lib/chrony/drift\nmakestep 1.0 3\nrtcsync\nsourcedir \(Self.timeFolder)\n")
    entries.merge(HostKeys(hostname).entries) { $1 }
    return entries
  }

  /// The kernel's name of this host.
  var hostname: String { world.services.hostname ?? world.database.string("host", world.thisHost, "hostname") }

  /// Brings the files in line with what calls and commands have set.
  func writeServiceFiles() {
    guard let tree = dom0.tree, let before = dom0.services, before != world.services else { return }
    let now = world.services
    dom0.services = now
    if now.hostname != before.hostname {
      try? tree.put("/etc/hostname", .text("\(hostname)\n"))
      try? tree.put("/proc/sys/kernel/hostname", .text("\(hostname)\n"))
    }
    if now.timeServers != before.timeServers || now.timeUnit != before.timeUnit { writeTimeServers(tree) }
    if now.takesTimeServersFromDHCP != before.takesTimeServersFromDHCP {
      let mode: UInt32 = now.takesTimeServersFromDHCP ? 0o755 : 0o644
      try? tree.put(Self.dhcpHook, .file(tree.read(Self.dhcpHook) ?? [], mode: mode))
      try? writeFollowingFiles()
    }
  }

  private func writeTimeServers(_ tree: FileTree) {
    let lines = (tree.text(timePath) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    let others = lines.filter { !$0.hasPrefix("server ") && !$0.isEmpty }.map { $0 + "\n" }.joined()
    try? tree.put(timePath, .text(others + world.services.timeServers.map { "server \($0) iburst\n" }.joined()))
  }

  /// Lets SSH end at its time.
  func scheduleSSH() {
    guard world.sshEnd != plannedSSHEnd else { return }
    plannedSSHEnd = world.sshEnd
    pendingSSH?.cancel()
    guard let end = world.sshEnd else { return }
    pendingSSH = Task {
      try? await Task.sleep(for: .seconds(max(0, end - self.world.clock().seconds)))
      if !Task.isCancelled { self.endSSH() }
    }
  }

  private func endSSH() {
    guard dom0.isRunning("xapi") else { return }
    HostSSHCalls.expire(&world)
    plannedSSHEnd = nil
    wakeAll()
  }

  /// The monitor of the automatic mode: SSH runs while XAPI does not.
  func watchSSH(xapiIsWell: Bool) {
    guard world.services.isActive("xapi-ssh-monitor") else { return }
    world.services.setUnit("sshd", active: !xapiIsWell)
  }

  /// The daemon starts, and reads what is in its files by now.
  func readTimeServers() {
    guard let tree = dom0.tree, let text = tree.text(timePath) else { return }
    world.services.timeServers = text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      return words.count > 1 && ["server", "pool"].contains(words[0]) ? String(words[1]) : nil
    }
    world.services.takesTimeServersFromDHCP = tree.mode(Self.dhcpHook).map { $0 & 0o100 != 0 } ?? false
    dom0.services = world.services
  }
}
