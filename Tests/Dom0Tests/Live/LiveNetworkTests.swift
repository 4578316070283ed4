import Dom0
import Testing

/// Answers from a list; what is not in it is missing.
private struct ListedTools: ToolRunner {
  var answers: [String: Result<ToolOutput, ToolFailure>] = [:]

  func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
    guard let answer = answers[command.arguments.joined(separator: " ")] else { throw .missing(tool: command.name) }
    return try answer.get()
  }
}

@Suite struct LiveNetworkTests {
  private func scratch(backend: String) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(backend, to: "etc/xensource/network.conf")
    try scratch.write("", to: "sys/class/net/bonding_masters")
    return scratch
  }

  @Test func eachPartHasItsOwnSuccessOrFailure() async throws {
    let scratch = try scratch(backend: "openvswitch")
    defer { scratch.remove() }
    let row = #"[{"ifname":"xenbr0","flags":["UP","LOWER_UP"],"addr_info":[]}]"#
    let tools = ListedTools(answers: [
      "ip -j addr": .success(ToolOutput(output: Array(row.utf8))),
      "ip -j route": .success(ToolOutput(output: Array("nonsense".utf8))),
      "ip -6 -j route": .success(ToolOutput(output: Array("[]".utf8))),
      "ip -j neigh": .success(ToolOutput(exit: .code(2), errors: Array("\nRTNETLINK answers: No\n".utf8))),
      "ovs-appctl --timeout=5 bond/show": .failure(.timedOut(tool: "ovs-appctl", after: .seconds(6))),
      "ovs-appctl --timeout=5 lacp/show": .success(ToolOutput(exit: .signal(9))),
      "chronyc -n -c sources": .success(ToolOutput(isCut: true)),
    ])
    let live = await LiveNetwork.take(of: HostSystem(root: scratch.path, tools: tools))
    #expect(try live.backend?.get() == .openVSwitch)
    #expect(try live.devices?.get() == [])
    #expect(try live.addresses?.get().map(\.name) == ["xenbr0"])
    #expect(live.neighbours == .failure(.refused(tool: "ip", exit: .code(2), message: "RTNETLINK answers: No")))
    #expect(live.openVSwitch == .failure(.tool(.missing(tool: "ovs-vsctl"))))
    #expect(live.switchBonds == .failure(.tool(.timedOut(tool: "ovs-appctl", after: .seconds(6)))))
    #expect(live.lacp == .failure(.refused(tool: "ovs-appctl", exit: .signal(9), message: "")))
    #expect(live.stats == .failure(.file(.missing(path: NetworkStats.path))))
    #expect(live.units == .failure(.tool(.missing(tool: "systemctl"))))
    #expect(live.firmwareNames == nil)
    if case .failure(.garbage(tool: "ip", _)) = live.routes {
    } else {
      Issue.record("\(String(describing: live.routes))")
    }
    if case .failure(.garbage(tool: "chronyc", _)) = live.time {
    } else {
      Issue.record("\(String(describing: live.time))")
    }
  }

  @Test func asksNoSwitchWhereThereIsNone() async throws {
    let scratch = try scratch(backend: "bridge")
    defer { scratch.remove() }
    let live = await LiveNetwork.take(of: HostSystem(root: scratch.path, tools: ListedTools()))
    #expect(try live.backend?.get() == .linuxBridge)
    #expect(live.openVSwitch == nil && live.switchBonds == nil && live.lacp == nil)
    #expect(live.addresses == .failure(.tool(.missing(tool: "ip"))))
  }

  @Test func filesNeedNoTool() async throws {
    let scratch = try scratch(backend: "openvswitch")
    defer { scratch.remove() }
    let live = await LiveNetwork.take(of: HostSystem(root: scratch.path), parts: .files)
    #expect(live.devices != nil && live.kernelBonds != nil && live.kernelVLANs != nil && live.stats != nil)
    #expect(live.addresses == nil && live.openVSwitch == nil && live.units == nil)
  }

  @Test func otherRootsRunNothing() async throws {
    let scratch = try scratch(backend: "openvswitch")
    defer { scratch.remove() }
    let live = await LiveNetwork.take(of: HostSystem(root: scratch.path), parts: .all)
    #expect(live.addresses == .failure(.tool(.filesOnly(tool: "ip"))))
    #expect(live.firmwareNames == .failure(.tool(.filesOnly(tool: "biosdevname"))))
  }

  @Test func aKernelWithoutIPv6HasNoSuchRoutes() async throws {
    let scratch = try scratch(backend: "openvswitch")
    defer { scratch.remove() }
    let tools = ListedTools(answers: [
      "ip -j route": .success(ToolOutput(output: Array(#"[{"dst":"default","gateway":"10.0.0.1"}]"#.utf8))),
      "ip -6 -j route": .success(ToolOutput(exit: .code(2))),
    ])
    let live = await LiveNetwork.take(of: HostSystem(root: scratch.path, tools: tools), parts: .routes)
    #expect(try live.routes?.get().map(\.gateway) == ["10.0.0.1"])
  }

  @Test func tellsWhatItHasBeforeTheLastToolAnswers() async throws {
    let scratch = try scratch(backend: "openvswitch")
    defer { scratch.remove() }
    var seen: [LiveNetwork] = []
    let live = await LiveNetwork.take(
      of: HostSystem(root: scratch.path, tools: ListedTools()), parts: [.files, .addresses, .units]
    ) { seen.append($0) }
    let first = try #require(seen.first)
    #expect(first.devices != nil && first.addresses == nil && first.units == nil)
    // Files, then networkd's, addresses and units as they come.
    #expect(seen.count == 4)
    #expect(seen.last?.units == live.units)
    #expect(live.instant(of: .units) != nil && live.instant(of: .time) == nil)
  }

  @Test func mergingKeepsWhatIsNotNewer() async throws {
    let scratch = try scratch(backend: "bridge")
    defer { scratch.remove() }
    let system = HostSystem(root: scratch.path, tools: ListedTools())
    var live = await LiveNetwork.take(of: system, parts: [.units, .backend])
    let before = live.instant(of: .units)
    try scratch.write("openvswitch", to: "etc/xensource/network.conf")
    live.merge(await LiveNetwork.take(of: system, parts: .files))
    #expect(try live.backend?.get() == .openVSwitch)
    #expect(live.units == .failure(.tool(.missing(tool: "systemctl"))))
    #expect(live.instant(of: .units) == before)
    #expect(live.devices != nil)
  }

  @Test func failuresAreSaidInPlainWords() {
    #expect("\(LiveFailure.tool(.missing(tool: "ip")))" == "ip is not on this host")
    #expect(
      "\(LiveFailure.refused(tool: "ethtool", exit: .code(75), message: "No data available"))"
        == "ethtool failed: No data available (exit code 75)")
    #expect("\(LiveFailure.refused(tool: "ip", exit: .signal(9), message: ""))" == "ip was ended by signal 9")
    #expect(LiveFailure.tool(.missing(tool: "ip")).isAbsence)
    #expect(!LiveFailure.garbage(tool: "ip", reason: "x").isAbsence)
  }
}
