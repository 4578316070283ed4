import Dom0

/// Tries the way to a storage: the address is there, the storage answers, and long packets arrive whole.
public struct PathTest: Hashable, Sendable {
  /// The address that the interface should have; nil when any will do.
  public var own: IPv4Prefix?
  public var target: InternetAddress
  /// Bytes, headers included.
  public var mtu: Int

  public init(own: IPv4Prefix?, target: InternetAddress, mtu: Int) {
    self.own = own
    self.target = target
    self.mtu = mtu
  }

  public struct Line: Hashable, Sendable {
    public enum Verdict: Hashable, Sendable { case good, notice, bad }

    public var name: String
    /// A sentence without a full stop.
    public var text: String
    public var verdict: Verdict
  }

  public struct Result: Hashable, Sendable {
    public var lines: [Line]
    public var isOver: Bool

    public var isGood: Bool { isOver && lines.allSatisfy { $0.verdict != .bad } }
  }

  /// Told after each line.
  public func carryOut(_ system: HostSystem, _ probes: any NetworkProbes, _ told: @Sendable (Result) -> Void) async {
    var lines: [Line] = []
    func add(_ line: Line?, isOver: Bool = false) {
      if let line { lines.append(line) }
      told(Result(lines: lines, isOver: isOver))
    }
    let (address, device) = await ownAddress(system)
    add(address)
    if address?.verdict == .bad { return add(nil, isOver: true) }
    var request = EchoRequest(target, on: device, count: 3)
    request.interval = .milliseconds(200)
    let echo = await probes.echo(request)
    add(line(echo))
    if echo.received == 0 { return add(nil, isOver: true) }
    var search = PathMTURequest(on: device, most: mtu)
    search.limit = .seconds(6)
    add(line(await probes.pathMTU(to: target, search)), isOver: true)
  }

  /// The kernel's word counts: XAPI's record says what was wanted.
  private func ownAddress(_ system: HostSystem) async -> (Line?, String?) {
    guard let own else { return (nil, nil) }
    do throws(LiveFailure) {
      let devices = try await IPDevice.all(on: system)
      guard let device = devices.first(where: { $0.addresses.contains { $0.address == "\(own.address)" } }) else {
        return (Line(name: "Address", text: "\(own.address) is on no interface of this host: the change was not made, or was taken back", verdict: .bad), nil)
      }
      let most = device.mtu.map { $0 < mtu ? ", but its MTU is \($0)" : ", MTU \($0)" } ?? ""
      return (Line(name: "Address", text: "\(own) on \(device.name)\(most)", verdict: device.mtu.map { $0 < mtu } == true ? .bad : .good), device.name)
    } catch {
      return (Line(name: "Address", text: "not known: \(error)", verdict: .notice), nil)
    }
  }

  private func line(_ echo: EchoAnswer) -> Line {
    if echo.received > 0 {
      let time = echo.mean.map { ", \($0.brief)" } ?? ""
      return Line(name: "Answers", text: "\(target) answers \(echo.received) of \(echo.sent)\(time)", verdict: echo.lost > 0 ? .notice : .good)
    }
    let remedy = "check its address, the VLAN and the switch port; a firewall may keep it from answering pings"
    let why =
      switch echo.problem {
      // Its own kernel: nobody on the link has said that the address is theirs.
      case .unreachable(.v4(let by)?, _) where by == own?.address: ": nobody on the link has that address; \(remedy)"
      case .notSent(let why): ": nothing could be sent (\(why))"
      case .unreachable(let by, let reason): ": \(by.map { "\($0) says " } ?? "")\(reason)"
      case .tooLong, nil: ": \(remedy)"
      }
    return Line(name: "Answers", text: "\(target) does not answer\(why)", verdict: .bad)
  }

  private func line(_ answer: PathMTUAnswer) -> Line {
    let name = "Packet size"
    return switch answer {
    case .whole(let size): Line(name: name, text: "\(size) bytes arrive whole", verdict: .good)
    case .limited(let size, let by):
      Line(name: name, text: "only \(size) of \(mtu) bytes arrive\(by.map { ", says \($0)" } ?? ""): raise the MTU there, or lower it here", verdict: .bad)
    case .blackHole(let passes, let lost):
      Line(name: name, text: "\(passes) bytes arrive, \(lost) vanish without a word: a switch port or the storage has a smaller MTU; transfers would hang", verdict: .bad)
    case .silent: Line(name: name, text: "nothing of any size was answered", verdict: .bad)
    case .notAsked(let why): Line(name: name, text: "could not be tried: \(why)", verdict: .notice)
    }
  }
}
