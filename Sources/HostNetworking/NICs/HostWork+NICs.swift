import Dom0
import XenAPI

/// Errands about NICs, and what is kept an eye on.
extension HostWork {
  func carryOutNIC(_ errand: Errand, _ report: @escaping Report) async {
    switch errand {
    case .lookAtNIC(let device): await NICLook(system).details(of: device) { report(.nic($0)) }
    case .lookAtNames: report(.nicNames(await NamesLook(client, system).names()))
    case .lookAtTuning(let device): report(.tuning(device, await TuningLook(client, system).tuning(of: device)))
    case .lookAtRetiring(let device): report(.retiring(device, await RetireLook(client, system).path(of: device)))
    case .compareHosts: report(.compared(await PoolLook(client, system).comparison()))
    case .checkMTU(let request, let run):
      await MTUCheck(request, system, client: client, probes: probes).run { report(.mtu($0, run: run)) }
    default: break
    }
  }

  /// Goes on until the task is cancelled, or there is nothing left to watch.
  public nonisolated func watch(_ watch: Watch, _ report: @escaping Report) async {
    switch watch {
    case .links: await LinkWatch(system).run { report(.links($0)) }
    case .counters(let device): await CounterWatch(device, system).run { report(.counters($0)) }
    case .bond(let name): await BondWatch(name, system).run { report(.bonds(.live($0))) }
    case .blink(let device, let seconds): await Blinking(device, seconds: seconds, system).run { report(.blinking(device, $0)) }
    }
  }
}
