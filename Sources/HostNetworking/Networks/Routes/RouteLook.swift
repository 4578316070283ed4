import Dom0
import XenAPI

/// What the static routes of a host are told from.
struct RouteFacts: Sendable {
  /// nil while XAPI does not answer.
  var change: ChangeFacts?
  /// Why XAPI did not tell; nil when it did.
  var silence: String?
  var kernel: Result<[KernelRoute], LiveFailure>
  /// All routes of the kernel, default and connected ones among them.
  var rows: [IPRoute] = []
  /// What the network daemon was told, as far as its file says.
  var networkd: NetworkdDB?
  var session = ChangeFacts.Session()
  /// What a restart of the toolstack would meet; nil when none is wanted.
  var toolstack: ToolstackFacts?

  /// The kernel could be asked.
  var kernelTold: Bool { (try? kernel.get()) != nil }

  /// Addresses that a bridge of this host has, IPv4 only; nil when the kernel would not say.
  func addresses(on bridge: String) -> [IPv4Prefix]? {
    change?.addresses.map { all in (all[bridge] ?? []).compactMap { try? IPv4Prefix(parsing: $0) } }
  }

  /// Every IPv4 address of this host.
  var own: Set<IPv4Address> {
    Set((change?.addresses ?? [:]).values.joined().compactMap { try? IPv4Prefix(parsing: $0) }.map(\.address))
  }
}

struct RouteLook: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  /// - Parameter restarts: the toolstack is to be restarted.
  func facts(restarts: Bool = false) async -> RouteFacts {
    async let told = told()
    async let toolstack = restarts ? ToolstackLook(client, system).facts() : nil
    let rows: Result<[IPRoute], LiveFailure>
    do throws(LiveFailure) { rows = .success(try await IPRoute.all(.v4, on: system)) } catch { rows = .failure(error) }
    var facts = RouteFacts(kernel: rows.map { $0.compactMap { KernelRoute($0) } })
    facts.rows = (try? rows.get()) ?? []
    facts.networkd = try? NetworkdDB(of: system)
    facts.session = .current
    facts.toolstack = await toolstack
    switch await told {
    case .success(let change): facts.change = change
    case .failure(let problem): facts.silence = problem.text
    }
    return facts
  }

  private func told() async -> Result<ChangeFacts, ChangeProblem> {
    do throws(ChangeProblem) { 
      let facts = try await ChangeLook(client, system).facts()
      return .success(await facts.withStorage(client))
    } catch { return .failure(error) }
  }
}
