import Dom0
import XenAPI

extension HostWork {
  /// Tests the network of this host.
  func examine(_ run: UInt64, _ report: @escaping Report) async {
    let found = await doctor.run { report(.doctor($0, run: run)) }
    report(.doctorOver(found, run: run))
  }

  /// Tests one address or name.
  func examine(_ target: DoctorTarget, _ run: UInt64, _ report: @escaping Report) async {
    let found = await doctor.test(target) { report(.doctor($0, run: run)) }
    report(.doctorOver(found, run: run))
  }

  private var doctor: Doctor { Doctor(system, client: client, probes: probes) }
}
