import Dom0
import XenAPI

/// Plans what makes XAPI know, plug, unplug and forget NICs.
struct PluggingPlanning: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func plan(_ intent: Intent) async throws(ChangeProblem) -> ChangePlan {
    let facts = try await PluggingLook(client, system).facts()
    var plan: ChangePlan
    switch intent {
    case .scanNICs(let plugs): plan = ScanPlanner(facts, plugs: plugs).plan()
    case .introduceNIC(let device, let plugs): plan = IntroducePlanner(device, facts, plugs: plugs).plan()
    case .plug(let name): plan = PlugPlanner(name, facts).plan()
    case .unplug(let name): plan = UnplugPlanner(name, facts).plan()
    case .forgetNIC(let device): plan = ForgetPlanner(device, facts).plan()
    default: throw ChangeProblem("\(intent.name) is not about plugging")
    }
    plan.hazards.sort { $0.weight > $1.weight }
    return plan
  }
}

extension Intent {
  /// The same, but for one thing that can be had either way: what it would be called on a key, and that intent.
  public var variant: (does: String, intent: Intent)? {
    switch self {
    case .scanNICs(let plugs): (plugs ? "without plugging" : "plug what appears", .scanNICs(plugs: !plugs))
    case .introduceNIC(let device, let plugs): (plugs ? "without plugging" : "plug it as well", .introduceNIC(device, plugs: !plugs))
    default: nil
    }
  }
}

extension InterfaceView {
  /// What plans call it.
  public var planName: String { if case .tunnel = kind { device } else { name } }
}
