import Dom0

extension HostWork.Probes {
  /// On the real network of this machine.
  public static func real(_ system: HostSystem) -> HostWork.Probes {
    let limit = Duration.seconds(3)
    return HostWork.Probes(
      coordinator: { await TCPProbe.reach($0, port: 443, limit: limit) },
      verify: LayoutVerify.Probes(
        gateway: { await ping($0, system) }, dns: { await DNSProbe.problem($0, limit: limit) },
        coordinator: { address in
          if case .silent(let why) = await TCPProbe.reach(address, port: 443, limit: limit) { why } else { nil }
        }))
  }

  /// By the host's tools alone: for a simulated host, whose network is nowhere else.
  public static func byTools(_ system: HostSystem) -> HostWork.Probes {
    HostWork.Probes(
      coordinator: { address in
        let began = ContinuousClock.now
        if let why = await ping(address, system) { return .silent(why) }
        let (seconds, attoseconds) = (ContinuousClock.now - began).components
        return .answers(milliseconds: Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
      },
      verify: LayoutVerify.Probes(
        gateway: { await ping($0, system) }, dns: { await ping($0, system) }, coordinator: { await ping($0, system) }))
  }

  /// - Returns: nil when the address answers an echo request, else why not.
  private static func ping(_ address: String, _ system: HostSystem) async -> String? {
    guard let target = InternetAddress(address) else { return "\(address) is not an address" }
    let words = ["ping", target.isIPv6 ? "-6" : "-4", "-n", "-c", "1", "-W", "2", address]
    do throws(ToolFailure) {
      let outcome = try await system.tools.run(Command(words, timeLimit: .seconds(4)))
      return outcome.succeeded ? nil : "no answer"
    } catch {
      return "\(error)"
    }
  }
}
