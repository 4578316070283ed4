/// Asks those that a host needs, and says in words how it went.
struct Asking: Sendable {
  let probes: any NetworkProbes

  func gateway(_ address: String) async -> LayoutVerify.Verdict {
    if address.isEmpty { return .none("no gateway is set") }
    return await silence(of: address).map { .bad("\(address): \($0)") } ?? .good("\(address) answers")
  }

  /// nil when an address answers echo requests, else why not.
  func silence(of address: String) async -> String? {
    guard let target = InternetAddress(address) else { return "\(address) is not an address" }
    var request = EchoRequest(target, count: 3)
    request.endsWithFirst = true
    request.interval = .milliseconds(500)
    let answer = await probes.echo(request)
    return answer.received > 0 ? nil : answer.problem?.words ?? "no answer"
  }

  /// nil when an address accepts connections as XAPI does, else why not.
  func unreached(_ address: String) async -> String? {
    if case .silent(let why) = await probes.reach(address, port: 443, limit: .seconds(3)) { why } else { nil }
  }

  /// One that answers is enough to be well; those that do not are named.
  func dns(_ servers: [String]) async -> LayoutVerify.Verdict {
    if servers.isEmpty { return .none("no DNS server is set") }
    let probe: @Sendable (String) async -> String? = { [probes] server in
      guard let address = InternetAddress(String(server.prefix { $0 != "%" })) else { return "\(server) is not an address" }
      return switch await probes.dns(.root, at: address) {
      case .reply: nil
      case .silent(let why), .notAsked(let why): why
      }
    }
    let silent = await withTaskGroup { group in
      for server in servers { group.addTask { (server, await probe(server)) } }
      var silent: [String: String] = [:]
      for await (server, reason) in group { silent[server] = reason }
      return silent
    }
    let good = servers.filter { silent[$0] == nil }
    let bad = servers.compactMap { server in silent[server].map { "\(server): \($0)" } }
    if good.isEmpty { return .bad(bad.joined(separator: "; ")) }
    let answer = "\(good.joined(separator: ", ")) \(good.count == 1 ? "answers" : "answer")"
    return .good(([answer] + bad).joined(separator: "; "))
  }

  /// - Parameter address: nil on the coordinator itself.
  func coordinator(_ address: String?) async -> LayoutVerify.Verdict {
    guard let address else { return .none("this host is the coordinator") }
    if address.isEmpty { return .bad("its address is not known") }
    return await unreached(address).map { .bad("\(address): \($0)") } ?? .good("\(address) answers")
  }
}
