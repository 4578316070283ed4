/// Errands about the settings of NICs.
extension HostWork {
  func lookAtTuning(of device: String, _ report: @escaping Report) async {
    let ways = waysBack
    @Sendable func withWayBack(_ tuning: NICTuning) -> NICTuning {
      var tuning = tuning
      tuning.wayBack = ways[tuning.device]
      return tuning
    }
    let result = await TuningLook(client, system).tuning(of: device) { report(.tuning(device, .success(withWayBack($0)))) }
    report(.tuning(device, result.map(withWayBack)))
  }

  /// What was changed last can be taken back with one key, as long as this console runs. Taking it back is a change as well.
  func noteTuning(_ plan: ChangePlan, _ outcome: ChangeOutcome) {
    switch outcome {
    case .done, .waiting: break
    case .refused, .undone, .goingBack, .stuck: return
    }
    waysBack.merge(TuningRequest.waysBack(from: plan)) { $1 }
  }
}
