import Dom0
import XenAPI

/// What tells the networks that a change makes from others, as long as it is under way.
enum NetworkMarks {
  static func remove(_ marks: Set<String>, _ client: XenClient, _ system: HostSystem) async {
    var hands = ChangeHands(client, system, lookLimit: .seconds(5))
    guard let scene = try? await hands.look() else { return }
    for (ref, network) in scene.database.networks.all {
      guard let mark = network.otherConfig[ChangeAction.markKey], marks.contains(mark) else { continue }
      _ = try? await client.call("network.remove_from_other_config", [ref.json, .string(ChangeAction.markKey)], limit: .seconds(5))
    }
  }
}
