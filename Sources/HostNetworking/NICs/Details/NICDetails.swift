import Dom0

/// All that the kernel, the card's driver and its switch tell of one NIC: each part with its own success or failure.
public struct NICDetails: Sendable {
  /// One thing that is asked for.
  public enum Part<Value: Sendable>: Sendable {
    case asking
    case known(Value)
    case failed(LiveFailure)

    public var value: Value? { if case .known(let value) = self { value } else { nil } }
    public var failure: LiveFailure? { if case .failed(let failure) = self { failure } else { nil } }
    public var isAsking: Bool { if case .asking = self { true } else { false } }
  }

  // What the parts are made of, for those who show them.
  public typealias Failure = LiveFailure
  public typealias Kernel = NetworkDevice
  public typealias Feature = EthtoolFeature
  public typealias Row = EthtoolRow
  public typealias Answer = LLDPAnswer
  public typealias Neighbour = LLDPNeighbour

  /// What a NIC is asked, in the words for those who wait.
  public enum Question: String, CaseIterable, Hashable, Sendable {
    case link, driver, permanentMAC, features, rings, channels, pause, module, statistics, lldp, firmware

    public var words: String {
      switch self {
      case .link: "link modes"
      case .driver: "driver"
      case .permanentMAC: "permanent MAC"
      case .features: "offloads"
      case .rings: "rings"
      case .channels: "queues"
      case .pause: "pause"
      case .module: "module"
      case .statistics: "driver's counters"
      case .lldp: "switch port (LLDP)"
      case .firmware: "place in the machine"
      }
    }
  }

  public var device: String
  /// When the questions were put.
  public var instant: ContinuousClock.Instant
  /// What the kernel's files tell; nil when the machine has no such device.
  public var kernel: NetworkDevice?
  /// The slot's name; nil where the firmware names none.
  public var slot: String?

  public var link = Part<EthtoolLink>.asking
  public var driver = Part<EthtoolDriver>.asking
  /// nil where the NIC has none to tell.
  public var permanentMAC = Part<String?>.asking
  public var features = Part<[EthtoolFeature]>.asking
  public var rings = Part<EthtoolRings>.asking
  public var channels = Part<EthtoolChannels>.asking
  public var pause = Part<EthtoolPause>.asking
  public var module = Part<[EthtoolRow]>.asking
  public var statistics = Part<[EthtoolRow]>.asking
  public var lldp = Part<LLDPAnswer>.asking
  /// nil when the firmware knows nothing of it.
  public var firmware = Part<FirmwareName?>.asking

  public init(device: String, instant: ContinuousClock.Instant = .now) {
    self.device = device
    self.instant = instant
  }

  /// What has not been answered yet.
  public var asking: [Question] { Question.allCases.filter(isAsking) }

  private func isAsking(_ question: Question) -> Bool {
    switch question {
    case .link: link.isAsking
    case .driver: driver.isAsking
    case .permanentMAC: permanentMAC.isAsking
    case .features: features.isAsking
    case .rings: rings.isAsking
    case .channels: channels.isAsking
    case .pause: pause.isAsking
    case .module: module.isAsking
    case .statistics: statistics.isAsking
    case .lldp: lldp.isAsking
    case .firmware: firmware.isAsking
    }
  }

  /// The driver's own counters of troubles that are not 0.
  public var troubles: [EthtoolRow] { (statistics.value ?? []).filter(TroubleCounter.counts) }

  /// The files are those of a folder, and nobody may be asked anything.
  public var isFilesOnly: Bool { if case .failed(.tool(.filesOnly)) = link { true } else { false }  }
}

/// Tells a driver's counters of troubles from those of traffic, by their names.
enum TroubleCounter {
  private static let words = [
    "err", "drop", "discard", "crc", "fail", "timeout", "timed_out", "miss", "overrun", "underrun", "over_run", "under_run",
    "collision", "jabber", "fragment", "abort", "bad", "no_buf", "nobuf", "no_dma", "fifo", "reset", "stuck", "hang", "fault",
    "carrier_lost", "lost", "oversize", "undersize", "too_long", "too_short", "length", "symbol", "corrupt", "stopped",
  ]

  static func counts(_ row: EthtoolRow) -> Bool {
    guard let value = UInt64(row.value), value > 0 else { return false }
    let name = row.name.lowercased()
    return words.contains { name.contains($0) }
  }
}
