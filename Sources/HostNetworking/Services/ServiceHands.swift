import Dom0
import JSON
import XenAPI

/// Does the actions that are about this host's services: through XAPI where it answers and knows how, else by the host's
/// own files and tools. What is so already is left alone.
public struct ServiceHands: Sendable {
  /// Services take their time to start; XAPI does not wait for them.
  private static let settling = Duration.seconds(8)

  let client: XenClient
  let system: HostSystem
  /// This host in XAPI's database, when that is known already.
  let known: Ref<Host>?

  public init(_ client: XenClient, _ system: HostSystem, host: Ref<Host>? = nil) {
    self.client = client
    self.system = system
    known = host
  }

  /// - Throws: also when it was done and is not to be seen afterwards.
  public func perform(_ action: ChangeAction) async throws(ChangeFailure) {
    let xapi = await answering()
    switch action {
    case .setHostname(let name): try await setHostname(name, xapi)
    case .setLabel(let label):
      guard let xapi else { throw ChangeFailure("XAPI keeps the host's label, and does not answer") }
      try await xapi.call("host.set_name_label", [.string(label)])
    case .setTimeServers(let request): try await TimeHands(system: system, xapi: xapi).set(request)
    case .setRemoteAccess(let request): try await AccessHands(system: system, xapi: xapi).set(request)
    default: throw ChangeFailure("this is not about the host's services")
    }
    guard await isReachedSoon(action) else {
      throw ChangeFailure("everything was done, and yet it is not so: \(await complaint(of: action))")
    }
  }

  /// Whether there is nothing to do any more.
  public func isReached(_ action: ChangeAction) async -> Bool {
    switch action {
    case .setHostname(let name):
      guard (try? system.hostname()) == name else { return false }
      return await answering().map { $0.services.hostname == name } ?? true
    case .setLabel(let label): return await answering()?.services.label == label
    case .setTimeServers(let request):
      let time = await ServicesLook.time(on: system)
      guard let services = await answering()?.services, services.ntpMode != nil else { return time.isAs(request) }
      return services.isAs(request, time)
    case .setRemoteAccess(let request):
      let access = await ServicesLook.access(on: system)
      return access.isAs(request, await answering()?.services)
    default: return false
    }
  }

  private func isReachedSoon(_ action: ChangeAction) async -> Bool {
    let deadline = ContinuousClock.now + Self.settling
    while true {
      if await isReached(action) { return true }
      guard .now < deadline, !Task.isCancelled else { return false }
      try? await Task.sleep(for: .milliseconds(250))
    }
  }

  private func complaint(of action: ChangeAction) async -> String {
    switch action {
    case .setTimeServers:
      let time = await ServicesLook.time(on: system)
      return "\(time.daemon.name) is \(time.unit?.active ?? "in an unknown state"), see /var/log/daemon.log"
    case .setRemoteAccess:
      let access = await ServicesLook.access(on: system)
      return "sshd is \(access.ssh?.active ?? "in an unknown state"), see /var/log/daemon.log"
    default: return "look again, and at /var/log/xensource.log"
    }
  }

  // MARK: XAPI

  /// XAPI, when it answers and knows this host.
  private func answering() async -> ServiceCalls? {
    var host = known
    if host == nil, let uuid = (try? Inventory(of: system))?.installationUUID {
      let answer = try? await client.call("host.get_by_uuid", [.string(uuid)], limit: .seconds(5))
      host = answer?.string.flatMap { Ref<Host>($0) }
    }
    guard let host, let services = try? await ServicesLook(client, system).services(of: host) else { return nil }
    return ServiceCalls(client: client, host: host, services: services)
  }

  // MARK: The name

  private static let setter = "/opt/xensource/libexec/set-hostname"

  private func setHostname(_ name: String, _ xapi: ServiceCalls?) async throws(ChangeFailure) {
    if let xapi { return try await xapi.call("host.set_hostname_live", [.string(name)]) }
    try await system.service([Self.setter, name])
  }
}

/// Calls about this host.
struct ServiceCalls: Sendable {
  let client: XenClient
  let host: Ref<Host>
  let services: HostServices

  func call(_ method: String, _ parameters: [JSONValue] = []) async throws(ChangeFailure) {
    do {
      _ = try await client.call(method, [host.json] + parameters, limit: .seconds(60))
    } catch .failure(let failure) {
      let explanation = failure.explained()
      throw ChangeFailure(explanation.remedy.map { "\(explanation.sentence). \($0)" } ?? explanation.sentence)
    } catch {
      throw ChangeFailure("\(error)", isUnknown: true)
    }
  }
}

extension HostSystem {
  /// Runs a command that changes something.
  func service(_ words: [String], limit: Duration = .seconds(60)) async throws(ChangeFailure) {
    let name = words.joined(separator: " ")
    let output: ToolOutput
    do {
      output = try await tools.run(Command(words, timeLimit: limit))
    } catch .timedOut(_, let limit) {
      throw ChangeFailure("\(name) gave no answer within \(limit.components.seconds) s", isUnknown: true)
    } catch {
      throw ChangeFailure("\(error)")
    }
    guard output.succeeded else {
      let said = output.errorText.split(whereSeparator: \.isNewline).last.map { String($0) } ?? "\(output.exit)"
      throw ChangeFailure("\(name) failed: \(said)")
    }
  }
}
