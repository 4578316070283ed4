import Dom0
import TerminalUI
import Testing

@testable import ConsoleUI
@testable import HostNetworking

/// One screen without a console: keys and reports in, lines and reactions out.
struct Page<Shown: Screen> {
  private(set) var screen: Shown
  var size = Size(columns: 80, rows: 22)
  private let clock = TestClock()
  private(set) var last = Reaction.done

  init(_ screen: Shown, size: Size = Size(columns: 80, rows: 22)) {
    self.screen = screen
    self.size = size
  }

  var context: Context { Context(host: nil, now: clock.now) }

  mutating func hears(_ report: ErrandReport) {
    last = screen.receive(report, context, room: size)
    screen.settle(context, room: size)
  }

  mutating func press(_ keys: Key...) {
    for key in keys {
      last = screen.handle(key, context, room: size)
      screen.settle(context, room: size)
    }
  }

  mutating func type(_ text: String) {
    for character in text { press(.character(character)) }
  }

  var lines: [String] {
    var frame = Frame(size: size)
    screen.draw(into: &frame, in: Rect(column: 0, row: 0, columns: size.columns, rows: size.rows), context)
    return frame.lines
  }

  var text: String { lines.joined(separator: "\n") }
  func has(_ parts: String...) -> Bool { lines.contains { line in parts.allSatisfy { line.contains($0) } } }

  var errand: String? { if case .ask(let errand) = last { String("\(errand)".prefix { $0 != "(" }) } else { nil } }

  /// The intent that the review was opened for.
  var intent: Intent? {
    guard case .open(let next) = last, let errand = next.errand, case .planChange(let intent) = errand else { return nil }
    return intent
  }
}

@Suite struct ServiceScreenTests {
  private static func unit(_ name: String, active: Bool = true, enabled: Bool = true) -> SystemUnit {
    SystemUnit(
      name: name, active: active ? "active" : "inactive", sub: active ? "running" : "dead", result: "success", load: "loaded",
      enabled: enabled ? "enabled" : "disabled")
  }

  /// XAPI silent.
  private static func silent() -> ServicesFacts {
    var facts = ServicesFacts()
    facts.xapi = .silent("XAPI is not running: nobody listens on its socket")
    facts.hostname = "xcp1"
    facts.nameServers = ["10.0.4.2", "10.0.4.3"]
    facts.searchDomains = ["lab.example"]
    facts.time.unit = unit("chronyd.service")
    facts.time.servers = (try? TimeConf(parsing: Array("server 0.xcpng.pool.ntp.org iburst\n".utf8)))?.servers ?? []
    facts.time.factory = ["0.xcpng.pool.ntp.org", "1.xcpng.pool.ntp.org"]
    facts.time.tracking = ChronyTracking(source: "10.62.16.11", stratum: 4, offset: 0.000_007)
    facts.time.sources = [
      TimeSource(name: "10.62.16.11", state: .selected, stratum: 3, reach: 8, lastHeard: 57, offset: 0.000_007),
      TimeSource(name: "10.71.56.11", state: .silent, stratum: 0, reach: 0, lastHeard: nil, offset: 0),
    ]
    facts.access.ssh = unit("sshd.service")
    facts.access.hostKeys = [SSHHostKey(kind: "ED25519", fingerprint: "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")]
    let pairs = (0..<32).map { $0 < 16 ? "0\(String($0, radix: 16).uppercased())" : String($0, radix: 16).uppercased() }
    facts.access.certificate = HostCertificate(
      fingerprint: pairs.joined(separator: ":"), ends: 1_795_366_000 + 20 * 86_400, name: "xcp1.lab.example")
    return facts
  }

  // MARK: DNS

  @Test func withoutXAPIServersAreShownAndNotTouched() {
    var page = Page(NameServersScreen())
    #expect(page.text.contains("Looking ..."))
    page.hears(.services(Self.silent()))
    #expect(page.errand == "askNameServers")
    #expect(page.has("10.0.4.2"))
    page.hears(.nameServer("10.0.4.3", problem: "no answer within 3 s"))
    page.hears(.nameServer("10.0.4.2", problem: nil))
    #expect(page.has("10.0.4.2", "answers"))
    #expect(page.has("10.0.4.3", "! no answer within 3 s"))
    #expect(page.has("Really asked", "10.0.4.2, 10.0.4.3; search lab.example"))
    page.press(.character("a"))
    #expect(page.has("XAPI keeps these, and has not answered"))
    page.press(.character("y"))
    #expect(page.intent == nil)
  }

  @Test func theListIsEditedAndReviewed() async throws {
    let facts = try await Self.live()
    let first = try #require(facts.names?.servers.first)
    var page = Page(NameServersScreen())
    page.hears(.services(facts))
    #expect(page.has(">1 \(first)"))
    page.press(.character("a"))
    page.type("10.0.4.999")
    page.press(.enter)
    #expect(page.has("! 999 is more than 255"))
    page.press(.control("u"))
    page.type("10.0.4.9")
    page.press(.enter)
    #expect(page.has("10.0.4.9"))
    #expect(page.has("not on the host yet"))
    page.press(.character("+"), .character("s"))
    page.type("lab example")
    page.press(.enter)
    #expect(page.has("labexample"))
    page.press(.character("y"))
    guard case .nameServers(let request)? = page.intent else {
      Issue.record("no review")
      return
    }
    #expect(request.servers.contains { "\($0)" == "10.0.4.9" })
    #expect(request.servers.last.map { "\($0)" } != "10.0.4.9" || request.servers.count == 1)
    #expect(request.searchDomains.last == "labexample")
    page.press(.character("u"), .character("y"))
    #expect(page.intent == nil)
  }

  @Test func theSameServerTwiceIsRefused() async throws {
    let facts = try await Self.live()
    let first = try #require(facts.names?.servers.first)
    var page = Page(NameServersScreen())
    page.hears(.services(facts))
    page.press(.character("a"))
    page.type(first)
    page.press(.enter)
    #expect(page.has("\(first) is in the list already"))
    page.press(.escape)
    #expect(!page.has("in the list already"))
    page.press(.character("x"))
    #expect(page.has("not on the host yet"))
  }

  // MARK: The name

  @Test func aNameIsCheckedWhileItIsTyped() {
    var page = Page(HostNameScreen())
    page.hears(.services(Self.silent()))
    #expect(page.has("Host name", "xcp1"))
    #expect(!page.has("Label in XAPI"))
    #expect(page.has("XAPI", "silent"))
    page.press(.control("u"))
    page.type("xcp_9")
    #expect(page.has("! a host name has no underscore"))
    page.press(.enter)
    #expect(page.intent == nil)
    page.press(.backspace, .backspace)
    page.type("9")
    page.press(.enter)
    #expect(page.intent == .hostName(HostNameRequest(hostname: "xcp9")))
  }

  @Test func whatIsTypedStaysWhenXAPIAnswers() async throws {
    var page = Page(HostNameScreen())
    var early = try await Self.live()
    let late = early
    early.xapi = .asking
    page.hears(.services(early))
    page.type("-new")
    page.hears(.services(late))
    #expect(page.has("Host name", "\(late.hostname)-new"))
    #expect(page.has("Label in XAPI", late.services?.label ?? "?"))
  }

  // MARK: The clock

  @Test func theClockIsShownInPlainWords() {
    var page = Page(TimeServersScreen())
    page.hears(.services(Self.silent()))
    #expect(page.has("Clock", "follows 10.62.16.11, 7 us off, stratum 4"))
    #expect(page.has("10.62.16.11", "8 of 8", "the clock follows it"))
    #expect(page.has("10.71.56.11", "0 of 8", "no answer"))
    #expect(page.has("chronyd runs, starts with the host"))
  }

  @Test func aClockFarOffIsRed() {
    var facts = Self.silent()
    facts.time.tracking?.offset = 95.2
    var page = Page(TimeServersScreen())
    page.hears(.services(facts))
    #expect(page.has("Clock", "95.2 s off: certificates and logins fail"))
    facts.time.tracking = ChronyTracking(source: nil, stratum: 0)
    facts.time.sources = [facts.time.sources[1]]
    page.hears(.services(facts))
    #expect(page.has("Clock", "not set: no time server answers"))
    facts.time.unit = Self.unit("chronyd.service", active: false, enabled: false)
    page.hears(.services(facts))
    #expect(page.has("Clock", "set by nobody"))
  }

  @Test func serversOfOnesOwnAreAskedFor() {
    var page = Page(TimeServersFormScreen(Self.silent()))
    #expect(!page.has("Servers", "names or addresses"))
    for _ in 0..<4 where !page.text.contains("set by hand >") { page.press(.right) }
    page.press(.enter, .control("u"))
    page.type("10.0.4.9, bad..name")
    #expect(page.has("bad..name is neither an address nor a name"))
    for _ in 0..<"bad..name".count { page.press(.backspace) }
    page.type("ntp.lab.example")
    page.press(.enter)
    #expect(page.intent == .timeServers(TimeServerRequest(mode: .custom, servers: ["10.0.4.9", "ntp.lab.example"])))
  }

  // MARK: Remote access

  @Test func fingerprintsAreThereToCompare() {
    var page = Page(RemoteAccessScreen())
    page.hears(.services(Self.silent()))
    #expect(page.has("SSH", "on: people can log in"))
    #expect(page.has("ED25519", "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"))
    #expect(page.has("00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F"))
    #expect(page.has("10:11:12:13"))
    #expect(page.has("Valid", "20 days more"))
    page.press(.character("s"))
    #expect(page.intent == .remoteAccess(RemoteAccessRequest(isOn: false, startsAtBoot: false)))
  }

  @Test func autoModeIsThereWhereXAPIHasIt() async throws {
    let facts = try await Self.live()
    #expect(facts.services?.sshAutoMode != nil)
    var page = Page(RemoteAccessFormScreen(facts))
    for _ in 0..<3 where !page.text.contains("< auto >") { page.press(.right) }
    #expect(page.text.contains("< auto >"))
    #expect(!page.has("Starts with the host"))
    page.press(.enter)
    guard case .remoteAccess(let request)? = page.intent else {
      Issue.record("no review")
      return
    }
    #expect(request.autoMode == true)
    let old = Page(RemoteAccessFormScreen(Self.silent()))
    #expect(!old.text.contains("auto"))
  }

  // MARK: Recent changes

  private static func entry(_ step: Int, _ change: String, _ result: ChangeLogEntry.Result, note: String = "") -> ChangeLogEntry {
    ChangeLogEntry(
      time: 1_795_365_000, change: change, who: ChangeFacts.Session(peer: "10.0.4.77", terminal: "pts/0"), title: "Change \(change)",
      intent: "DNS servers", step: step, steps: 2, sentence: "Give eth0 DNS 10.0.4.\(step)",
      commands: ["xe pif-reconfigure-ip uuid=1 DNS=10.0.4.\(step)"], result: result, note: note)
  }

  @Test func changesAreListedAndOpened() {
    var page = Page(RecentChangesScreen())
    page.hears(.changes(ChangeLog.History()))
    #expect(page.has("has changed nothing on this host so far"))
    var history = ChangeLog.History()
    history.entries = [
      Self.entry(2, "b", .failed, note: "high availability is on"), Self.entry(1, "b", .done), Self.entry(1, "a", .done),
    ]
    history.damaged = 2
    page.hears(.changes(history))
    #expect(page.has(">", "FAILED", "Change b"))
    #expect(page.has("done", "Change a"))
    #expect(page.has("Who", "root on pts/0 from 10.0.4.77"))
    #expect(page.has("Result", "FAILED: Give eth0 DNS 10.0.4.2: high availability is on"))
    #expect(page.has("2 lines of the log are damaged"))
    page.press(.enter)
    guard case .open(let next) = page.last, let detail = next as? LoggedChangeScreen else {
      Issue.record("nothing opened")
      return
    }
    let shown = Page(detail)
    #expect(shown.has("1", "done: Give eth0 DNS 10.0.4.1"))
    #expect(shown.has("2", "FAILED: Give eth0 DNS 10.0.4.2 (high availability is on)"))
    #expect(shown.has("# xe pif-reconfigure-ip uuid=1 DNS=10.0.4.2"))
  }

  @Test(arguments: [Size(columns: 40, rows: 10), Size(columns: 80, rows: 22), Size(columns: 160, rows: 48)])
  func everyScreenFitsEverywhere(size: Size) async throws {
    let live = try await Self.live()
    for facts in [Self.silent(), ServicesFacts(), live] {
      func shows(_ screen: some Screen) -> Bool {
        var page = Page(screen, size: size)
        page.hears(.services(facts))
        return page.lines.count == size.rows && !page.text.isEmpty
      }
      #expect(shows(NameServersScreen()))
      #expect(shows(HostNameScreen()))
      #expect(shows(TimeServersScreen()))
      #expect(shows(TimeServersFormScreen(facts)))
      #expect(shows(RemoteAccessScreen()))
      #expect(shows(RemoteAccessFormScreen(facts)))
      #expect(shows(RecentChangesScreen()))
    }
  }

  /// Of the simulated host.
  private static func live() async throws -> ServicesFacts {
    let host = try await ServiceHost.make()
    let facts = await host.facts()
    await host.end()
    return facts
  }
}
