import ConsoleUI
import Dom0
import Glibc
import HostNetworking
import JSON
import Synchronization
import XenAPI

extension HostOptions {
  /// One look at the host; XAPI is given its time, and no more.
  func glance() throws -> HostView? {
    let system = try checked()
    let watch = HostWatch(endpoint: try endpoint(), system: system)
    return try waiting {
      let view = await HostGlance(watch).view()
      await watch.close()
      return view
    }
  }

  private func endpoint() throws -> Endpoint {
    if let path = try SocketPath.checked(socket) { return .unixSocket(path: path) }
    let system = try system()
    guard !system.isThisMachine else { return .dom0 }
    let path = try SocketPath.checked(try system.resolved("/var/lib/xcp/xapi"), named: "XAPI's socket below --root")
    return path.map { .unixSocket(path: $0) } ?? .dom0
  }
}

extension NICCommand.List {
  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let system = try host.checked()
    let view = try host.glance()
    let links = LinkWatch.once(system).links
    // What XAPI knows and the machine does not have is worth a line as well.
    let missing = (view?.interfaces ?? []).filter { interface in
      interface.kind == .nic && !links.contains { $0.device == interface.device }
    }
    if json {
      standard.say(object(links, missing, view).description)
    } else {
      for line in NICText.list(links, host: view) { standard.say(line) }
      for interface in missing { standard.say("\(interface.device)  gone: XAPI knows it, the machine does not have it") }
      if let source = NICText.source(view, now: Int64(time(nil))) { standard.complain(source) }
    }
    guard links.isEmpty, missing.isEmpty else { return 0 }
    if !json { standard.complain("this host has no NICs, as far as its files tell") }
    return 1
  }

  private func object(_ links: [WatchedLink], _ missing: [InterfaceView], _ view: HostView?) -> JSONValue {
    let all = links.map { link in
      let interface = view?.interfaces.first { $0.kind == .nic && $0.device == link.device }
      return Self.entry(link.device, link.linkName, link.speed, link.mac, NICText.usage(link, host: view), interface)
    }
    return [
      // False: networks and users are from this host's own files and tools.
      "xapi": .bool(view?.heard != nil),
      "nics": .array(
        all + missing.map { Self.entry($0.device, "gone", nil, $0.mac.isEmpty ? nil : $0.mac, $0.usage, $0) })
    ]
  }

  private static func entry(
    _ device: String, _ link: String, _ speed: Int?, _ mac: String?, _ usage: String, _ interface: InterfaceView?
  ) -> JSONValue {
    [
      "device": .string(device), "link": .string(link), "speed": speed.map { .int(Int64($0)) } ?? .null,
      "mac": mac.map { .string($0) } ?? .null, "used_as": .string(usage),
      "network": interface.map { .string($0.networkName) } ?? .null, "bridge": interface.map { .string($0.bridge) } ?? .null,
      "pif": interface.map { .string($0.uuid) } ?? .null, "management": .bool(interface?.isManagement ?? false),
    ]
  }
}

extension NICCommand.Details {
  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let system = try host.checked()
    let (host, device) = (host, device)
    let view = try host.glance()
    let details = try waiting { await NICLook(system).details(of: device) }
    let interface = view?.interfaces.first { $0.kind == .nic && $0.device == device }
    guard details.kernel != nil || interface != nil else {
      throw Failure(text: "there is no NIC \(device): see xcpconsole nic list")
    }
    if json {
      guard case .object(var object) = details.json else { return 1 }
      object.append("used_as", interface.map { .string($0.usage) } ?? .null)
      object.append("network", interface.map { .string($0.networkName) } ?? .null)
      object.append("bridge", interface.map { .string($0.bridge) } ?? .null)
      object.append("addresses", interface.map { .array($0.addresses.map { .string($0) }) } ?? .null)
      object.append("vms", interface.map { .array($0.vms.map { .string($0) }) } ?? .null)
      object.append("pif", interface.map { .string($0.uuid) } ?? .null)
      standard.say(JSONValue.object(object).description)
      return 0
    }
    for line in NICText.lines(details, host: view, columns: Self.columns) { standard.say(line) }
    return 0
  }

  private static var columns: Int {
    var size = winsize()
    return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col >= 40 ? Int(size.ws_col) - 1 : 10_000
  }
}

extension NICCommand.Watch {
  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let system = try host.checked()
    var rule = NetworkDevice.nicRule
    if anyDevice { rule = { $0.name != "lo" } }
    if LinkWatch.once(system, isNIC: rule).links.isEmpty { throw Failure(text: "this host has no NICs, as far as its files tell") }
    let watch = LinkWatch(system, isNIC: rule)
    let (json, seconds) = (json, seconds)
    try waiting { await Self.tell(watch, for: seconds, json, standard) }
    return 0
  }

  private static func tell(_ watch: LinkWatch, for seconds: Int?, _ json: Bool, _ standard: Standard) async {
    let told = Note(false)
    let watching = Task {
      await watch.run { snapshot in
        let isFirst = !told.set(true)
        for link in snapshot.links where isFirst || snapshot.news.contains(link.device) { say(link, json, standard) }
      }
    }
    if let seconds {
      try? await Task.sleep(for: .seconds(seconds))
      watching.cancel()
    }
    await watching.value
  }

  private static func say(_ link: WatchedLink, _ json: Bool, _ standard: Standard) {
    let now = Int64(Glibc.time(nil))
    guard json, case .object(var object) = link.json else { return standard.say("\(NICText.time(now)) \(NICText.news(link))") }
    object.append("time", .int(now))
    standard.say(JSONValue.object(object).description)
  }
}

extension NICCommand.Blink {
  func run(on standard: Standard) throws -> Int32 {
    let system = try host.checked()
    let (device, seconds) = (device, seconds)
    let why = Note<String?>(nil)
    let isStopped = Note(false)
    _ = Interrupts.held {
      await Blinking(device, seconds: seconds, system).run { state in
        switch state {
        case .blinking: standard.say("The light of \(device) blinks for \(seconds) s; Ctrl-C stops it.")
        case .ended: standard.say("The light of \(device) has stopped.")
        case .failed(let reason): why.set(reason)
        }
      }
    } stopping: {
      isStopped.set(true)
    }
    if let why = why.value { throw Failure(text: why) }
    if isStopped.value { standard.say("The light of \(device) was stopped.") }
    return 0
  }
}

/// Something that one task notes for another.
private final class Note<Value: Sendable>: Sendable {
  private let held: Mutex<Value>

  init(_ value: Value) { held = Mutex(value) }

  var value: Value { held.withLock { $0 } }

  /// - Returns: what was noted before.
  @discardableResult
  func set(_ value: Value) -> Value {
    held.withLock { held in
      defer { held = value }
      return held
    }
  }
}
