import Dom0

/// Asks with sockets of its own, which wants root for everything but names, time and connections. Where the kernel gives no raw
/// socket, `ping` is asked to do it.
public struct SocketProbes: NetworkProbes {
  private let system: HostSystem
  private let maker: SocketMaker
  private let tools: ToolProbes

  /// On the real network of this machine.
  /// - Parameter system: tells this host's own MACs, and runs `ping` where that is needed.
  public init(_ system: HostSystem) { self.init(system, maker: .ours) }

  init(_ system: HostSystem, maker: SocketMaker) {
    self.system = system
    self.maker = maker
    tools = ToolProbes(system)
  }

  // MARK: The link

  public func duplicate(
    of address: InternetAddress, on link: ProbeLink, limit: Duration
  ) async -> DuplicateAnswer {
    switch await ask(link.device, [link.tag], address, .duplicate, limit) {
    case .heard(let found): found.isEmpty ? .free : .taken(found)
    case .failed(let failure): .notAsked(Self.words(failure))
    case .refused(let why): .notAsked(why)
    }
  }

  public func answers(
    gateway address: InternetAddress, on link: ProbeLink, limit: Duration
  ) async -> NeighbourAnswer {
    switch await ask(link.device, [link.tag], address, .gateway, limit) {
    case .heard(let found):
      found.first.map { .answers($0, others: Array(found.dropFirst())) } ?? .silent
    case .failed(let failure): .notAsked(Self.words(failure))
    case .refused(let why): .notAsked(why)
    }
  }

  public func tags(
    answering address: InternetAddress, on device: String, asking tags: [Int?], limit: Duration
  ) async -> TagAnswer {
    switch await ask(device, tags, address, .gateway, limit, hearsEveryTag: true) {
    case .heard(let found): found.isEmpty ? .silent : .answers(found)
    case .failed(let failure): .notAsked(Self.words(failure))
    case .refused(let why): .notAsked(why)
    }
  }

  private func ask(
    _ device: String, _ tags: [Int?], _ address: InternetAddress, _ purpose: LinkProbe.Purpose, _ limit: Duration,
    hearsEveryTag: Bool = false
  ) async -> LinkProbe.Outcome {
    let probe = LinkProbe(
      target: address, device: device, tags: tags, purpose: purpose, limit: limit, hearsEveryTag: hearsEveryTag,
      own: { [system] in OwnMACs.read(system) })
    return await WorkThread.run { [maker] stop in
      probe.run(by: maker, stop: stop)
    } refused: { .refused($0) }
  }

  private static func words(_ failure: SocketFailure) -> String {
    failure.isRefusal ? "only root may ask the link itself" : failure.words
  }

  // MARK: Further away

  public func echo(_ request: EchoRequest) async -> EchoAnswer {
    let probe = EchoProbe(request: request)
    let outcome = await WorkThread.run { [maker] stop in
      probe.run(by: maker, stop: stop)
    } refused: { .over(EchoProbe.notSent($0)) }
    return switch outcome {
    case .over(let answer): answer
    case .noRight: await tools.echo(request)
    }
  }

  public func pathMTU(to address: InternetAddress, _ request: PathMTURequest) async -> PathMTUAnswer {
    await PathMTUSearch(address, request).run { await echo($0) }
  }

  public func dns(
    _ question: DNSQuestion, at server: InternetAddress, on device: String?, limit: Duration
  ) async -> DNSAnswer {
    let probe = DNSProbe(question: question, server: server, device: device, limit: limit)
    return await WorkThread.run { [maker] stop in
      probe.run(by: maker, stop: stop)
    } refused: { .notAsked($0) }
  }

  public func time(of server: InternetAddress, on device: String?, limit: Duration) async -> TimeAnswer {
    let probe = TimeProbe(server: server, device: device, limit: limit)
    return await WorkThread.run { [maker] stop in
      probe.run(by: maker, stop: stop)
    } refused: { .notAsked($0) }
  }

  public func tcp(
    _ address: InternetAddress, port: UInt16, on device: String?, limit: Duration
  ) async -> TCPAnswer {
    let probe = TCPProbe(address: address, port: port, device: device, limit: limit)
    return await WorkThread.run { [maker] stop in
      probe.run(by: maker, stop: stop)
    } refused: { .silent($0) }
  }
}

/// The MACs that are this host's own.
private enum OwnMACs {
  /// What VMs' interfaces have on our side says nothing of the VM: `fe:ff:ff:ff:ff:ff`.
  static func read(_ system: HostSystem) -> Set<String> {
    let folder = "/sys/class/net"
    let names = ((try? system.names(in: folder)) ?? []).filter { !$0.hasPrefix("vif") && !$0.hasPrefix("tap") }
    let found = names.compactMap { name in
      (try? system.text("\(folder)/\(name)/address", limit: 64))?.split(whereSeparator: \.isWhitespace).first
        .map { $0.lowercased() }
    }
    return Set(found).subtracting(["00:00:00:00:00:00"])
  }
}

extension NetworkProbes where Self == SocketProbes {
  /// On the real network of this machine.
  public static func real(_ system: HostSystem) -> SocketProbes { SocketProbes(system) }
}
