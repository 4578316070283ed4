import Dom0
import XenAPI

/// Errands about NICs, and what is kept an eye on.
extension HostWork {
  func carryOutNIC(_ errand: Errand, _ report: @escaping Report) async {
    switch errand {
    case .lookAtNIC(let device): await NICLook(system).details(of: device) { report(.nic($0)) }
    case .lookAtNames: report(.nicNames(await NamesLook(client, system).names { report(.nicNames($0)) }))
    case .lookAtTuning(let device): await lookAtTuning(of: device, report)
    case .lookAtFCoE: report(.fcoe(await FCoELook(client, system).state { report(.fcoe($0)) }))
    case .lookAtRetiring(let device): report(.retiring(device, await RetireLook(client, system).path(of: device)))
    case .powerOff: await powerOff(report)
    case .compareHosts: report(.compared(await PoolLook(client, system).comparison()))
    case .lookForMTUPlaces: report(.mtuPlaces(await MTULook(system, client: client).places()))
    case .checkMTU(let request, let run):
      await MTUCheck(request, system, client: client, probes: probes).run { report(.mtu($0, run: run)) }
    default: break
    }
  }

  private func powerOff(_ report: Report) async {
    report(.poweringOff(.running("asking the host to switch off")))
    do throws(ResetFailure) {
      let isGoing = try await Reboot.powerOff(system)
      report(.poweringOff(.done(isGoing ? "" : "These are only files: there is nothing to switch off.")))
    } catch {
      report(.poweringOff(.failed("\(error)")))
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
