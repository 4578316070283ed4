import Dom0
import XenAPI

/// Errands about changes.
extension HostWork {
  func carryOutChange(_ errand: Errand, _ report: @escaping Report) async {
    switch errand {
    case .lookForChange: report(.changeFacts(await changeFacts()))
    default: break
    }
  }

  private func changeFacts() async -> Result<ChangeFacts, ChangeProblem> {
    do {
      return .success(try await ChangeLook(client, system).facts())
    } catch {
      return .failure(error)
    }
  }
}
