/// Settings that the product's documentation gives for known troubles (`reference/dom0.md` §5).
public enum TuningPreset: String, Hashable, Sendable, CaseIterable {
  case corruption
  case i218

  public var title: String {
    switch self {
    case .corruption: "Network corruption: TX checksum off"
    case .i218: "Intel I218/I219 slow or resetting: TSO and GSO off"
    }
  }

  public var use: String {
    switch self {
    case .corruption:
      "When data arrives damaged, transfers stall or VMs reach each other but not the outside: some cards or their drivers compute wrong checksums"
    case .i218:
      "When an Intel I218 or I219 (driver e1000e) is slow, hangs or logs \"Detected Hardware Unit Hang\": it stumbles over large packets"
    }
  }

  public var cost: String {
    switch self {
    case .corruption: "The processor computes the checksums; TSO goes off with it. A few percent of a core for each Gbit/s"
    case .i218: "The processor cuts large packets itself. Hardly to be noticed at 1 Gbit/s"
    }
  }

  var off: [NICFeature] {
    switch self {
    case .corruption: [.tx]
    case .i218: [.tso, .gso]
    }
  }

  public func request(_ devices: [String], _ lasting: TuningRequest.Lasting = .always) -> TuningRequest {
    var request = TuningRequest(devices: devices)
    for feature in off { request.set(feature, false, lasting) }
    return request
  }

  /// PCI numbers of Intel's I218 and I219, as the driver e1000e lists them.
  private static let i218Models: Set<String> = [
    "155a", "1559", "15a0", "15a1", "15a2", "15a3", "156f", "1570", "15b7", "15b8", "15b9", "15d7", "15d8", "15e3", "15d6", "15bd",
    "15be", "15bb", "15bc", "15df", "15e0", "15e1", "15e2", "0d4e", "0d4f", "0d4c", "0d4d", "0d53", "0d55", "15fb", "15fc", "15f9",
    "15fa", "15f4", "15f5", "1a1e", "1a1f", "1a1c", "1a1d", "0dc5", "0dc6", "0dc7", "0dc8", "550a", "550b", "550c", "550d", "550e",
    "550f", "5510", "5511",
  ]

  /// The card is one that the preset is for.
  public func fits(_ tuning: NICTuning) -> Bool {
    switch self {
    case .corruption: false
    case .i218:
      tuning.driver == "e1000e" && tuning.vendor?.lowercased() == "8086"
        && tuning.model.map { Self.i218Models.contains($0.lowercased()) } == true
    }
  }

  /// It is in force, now and after every boot.
  public func isKept(_ tuning: NICTuning) -> Bool {
    off.allSatisfy { tuning.features[$0]?.isOn == false && tuning.kept?.flag($0.key).meaning == false }
  }
}

extension NICTuning {
  /// Presets that this card should have and has not.
  public var advised: [TuningPreset] {
    TuningPreset.allCases.filter { preset in preset.fits(self) && preset.off.contains { features[$0]?.isOn == true } }
  }
}
