import Dom0
import XenAPI

/// Looks how far the way to take a NIC out has been gone.
struct RetireLook: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func path(of device: String) async -> Result<RetirePath, ChangeProblem> {
    do throws(ChangeProblem) {
      let survey = RetireSurvey(device, try await PluggingLook(client, system).facts())
      if let hazard = survey.wrongKind { return .failure(ChangeProblem(hazard.text, remedy: hazard.remedy)) }
      return .success(survey.path)
    } catch {
      return .failure(error)
    }
  }
}

/// Plans one thing on that way.
struct RetirePlanning: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func plan(_ request: RetireRequest) async throws(ChangeProblem) -> ChangePlan {
    var plan = RetirePlanner(request, try await PluggingLook(client, system).facts()).plan()
    plan.hazards.sort { $0.weight > $1.weight }
    return plan
  }
}

extension ChangePlanning {
  /// How far the way to take a NIC out has been gone.
  public static func retirePath(of device: String, _ client: XenClient, _ system: HostSystem) async -> Result<RetirePath, ChangeProblem> {
    await RetireLook(client, system).path(of: device)
  }
}
