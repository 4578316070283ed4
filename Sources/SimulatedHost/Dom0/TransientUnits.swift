import Glibc

/// A unit that `systemd-run` has made.
public struct TransientUnit: Sendable, Hashable {
  public var name: String
  /// The command, without a shell.
  public var arguments: [String]
  /// How long after its making it is to run; nil: at once.
  public var delay: Duration?
  /// How long after its end it is to run again; nil: once only.
  public var pause: Duration?
  /// Set with `--property`.
  public var properties: [String] = []
  /// It has not been stopped, and what it runs has not ended.
  public var isActive = true
  /// The timer has run out: the service runs, or has run.
  public var hasStarted = false

  func state(asTimer: Bool) -> String {
    if asTimer { return isActive && (pause != nil || (delay != nil && !hasStarted)) ? "active" : "inactive" }
    return isActive && (hasStarted || delay == nil) ? "active" : "inactive"
  }
}

/// `systemd-run`, of systemd 219 as dom0 has it.
extension SimulatedHost {
  /// Options that take a word of their own.
  private static let taking: Set<String> = [
    "--unit", "-u", "--on-active", "--on-boot", "--on-startup", "--on-unit-active", "--on-unit-inactive", "--on-calendar", "--property", "-p", "--description", "--timer-property", "--slice",
    "--setenv", "--uid", "--gid", "--nice",
  ]
  private static let flags: Set<String> = ["--remain-after-exit", "-r", "--scope", "--quiet", "--no-block", "--send-sighup"]

  func systemdRun(_ arguments: [String]) -> SimulatedTool {
    guard layout.hasSystemd, !dom0.isDown else {
      return .failure(1, "Failed to create bus connection: No such file or directory")
    }
    var options: [(name: String, value: String)] = []
    var rest = arguments[...]
    while let word = rest.first, word.hasPrefix("-") {
      rest = rest.dropFirst()
      if word == "--" { break }
      let halves = word.split(separator: "=", maxSplits: 1).map { String($0) }
      if Self.taking.contains(halves[0]) {
        let value = halves.count == 2 ? halves[1] : rest.popFirst() ?? ""
        options.append((halves[0], value))
      } else if !Self.flags.contains(word) {
        return .failure(1, "systemd-run: unrecognized option '\(word)'")
      }
    }
    guard !rest.isEmpty else { return .failure(1, "Command line to execute required.") }
    func value(_ names: String...) -> String? { options.last { names.contains($0.name) }?.value }
    let name = Self.bare(Self.unit(value("--unit", "-u") ?? "run-\(4000 + dom0.transients.count)"))
    if dom0.transients[name]?.isActive == true {
      return .failure(1, "Failed to start transient service unit: Unit \(name).service already exists.")
    }
    var delay: Duration?
    var pause: Duration?
    if let text = value("--on-active", "--on-boot", "--on-startup") {
      guard let time = Self.timeSpan(text) else { return .failure(1, "Failed to parse timer value: \(text)") }
      delay = time
    }
    if let text = value("--on-unit-inactive", "--on-unit-active") {
      guard let time = Self.timeSpan(text) else { return .failure(1, "Failed to parse timer value: \(text)") }
      pause = time
    }
    dom0.transients[name] = TransientUnit(
      name: name, arguments: Array(rest), delay: delay, pause: pause,
      properties: options.filter { ["--property", "-p", "--timer-property"].contains($0.name) }.map(\.value))
    startTransient(name)
    return SimulatedTool(
      code: 0,
      errors: Array(
        (delay == nil && pause == nil
          ? "Running as unit \(name).service.\n"
          : "Running timer as unit \(name).timer.\nWill run service as unit \(name).service.\n").utf8))
  }

  /// `90`, `90s`, `1min 30s`, `500ms`: systemd.time(7), as far as guards go.
  static func timeSpan(_ text: String) -> Duration? {
    var sum = Duration.zero
    var rest = text.filter { $0 != " " }[...]
    guard !rest.isEmpty else { return nil }
    let units: [(String, Duration)] = [
      ("ms", .milliseconds(1)), ("min", .seconds(60)), ("m", .seconds(60)), ("seconds", .seconds(1)), ("sec", .seconds(1)),
      ("s", .seconds(1)), ("h", .seconds(3600)),
    ]
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isNumber || $0 == "." }
      guard let number = Double(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      let letters = rest.prefix { !$0.isNumber && $0 != "." }
      rest = rest.dropFirst(letters.count)
      guard let unit = letters.isEmpty ? Duration.seconds(1) : units.first(where: { $0.0 == letters })?.1 else { return nil }
      sum += unit * number
    }
    return sum
  }

  /// Waits for its time, then (where that was asked for) runs the real program as a process of its own.
  private func startTransient(_ name: String) {
    transientWorks[name]?.cancel()
    transientWorks[name] = Task {
      if let delay = self.dom0.transients[name]?.delay { try? await Task.sleep(for: delay) }
      while !Task.isCancelled, let unit = self.dom0.transients[name] {
        self.dom0.transients[name]?.hasStarted = true
        // Recorded only, it counts as running until it is stopped.
        if !self.options.runsTransients, unit.delay == nil { return }
        if self.options.runsTransients { await Self.run(unit.arguments) }
        guard !Task.isCancelled, let pause = unit.pause else { break }
        self.dom0.transients[name]?.hasStarted = false
        try? await Task.sleep(for: pause)
      }
      if !Task.isCancelled { self.dom0.transients[name]?.isActive = false }
    }
  }

  /// What administrators and programs have enabled in `/etc/systemd/system` starts at a boot, where programs are run.
  func startEnabledUnits() {
    guard options.runsTransients, layout.hasSystemd, let tree = dom0.tree else { return }
    let folder = "/etc/systemd/system/multi-user.target.wants"
    for file in tree.names(in: folder) where file.hasSuffix(".service") {
      guard let text = tree.text("/etc/systemd/system/\(file)") else { continue }
      func value(_ key: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.utf8.count + 1)) }
      }
      if let path = value("ConditionPathExists"), !tree.exists(path) { continue }
      guard let words = value("ExecStart")?.split(separator: " ").map({ String($0) }), !words.isEmpty else { continue }
      let name = Self.unit(file)
      dom0.transients[name] = TransientUnit(name: name, arguments: words)
      startTransient(name)
    }
  }

  func stopTransient(_ name: String) {
    transientWorks.removeValue(forKey: name)?.cancel()
    dom0.transients[name] = nil
  }

  /// A boot knows nothing of them.
  func forgetTransients() {
    for name in dom0.transients.keys { stopTransient(name) }
  }

  /// What `systemd-run` has made and nobody has stopped, by name.
  public var transientUnits: [String: TransientUnit] { dom0.transients }

  /// Runs a program in a session of its own; cancelled, it is asked to end.
  private static func run(_ arguments: [String]) async {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | 0x80))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 { posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0) }
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { word in strdup(word) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
    defer { for word in words + environment { free(word) } }
    var process: pid_t = 0
    guard let program = words[0],
      posix_spawnp(&process, program, &actions, &attributes, &words, &environment) == 0
    else { return }
    var wasAsked = false
    while waitpid(process, nil, WNOHANG) == 0 {
      if Task.isCancelled, !wasAsked {
        kill(process, SIGTERM)
        wasAsked = true
      }
      await withCheckedContinuation { continuation in
        Task.detached {
          try? await Task.sleep(for: .milliseconds(50))
          continuation.resume()
        }
      }
    }
  }
}
