/// Which NIC of this host stands for one of the layout.
public struct NICMatch: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Same MAC, same device.
    case same
    /// Same MAC, another device.
    case renamed
    /// Told by hand.
    case mapped
    /// Not in this host. When a card of the same device or slot, but with another MAC, is there, it is named as the likely
    /// replacement; nothing is put on it without a mapping.
    case missing(likely: String?)
    /// In this host, not in the layout.
    case new
  }

  public var kind: Kind
  /// nil for a new one.
  public var saved: SavedNIC?
  /// nil for a missing one.
  public var present: SavedNIC?

  /// What there is to say of it.
  public var sentence: String {
    let was = saved.map { "\($0.device) (\($0.mac.isEmpty ? "MAC not known" : $0.mac))" } ?? ""
    let now = present.map { "\($0.device) (\($0.mac))" } ?? ""
    switch kind {
    case .same: return "\(was) is there"
    case .renamed: return "\(was) is now called \(present?.device ?? "?")"
    case .mapped: return "\(was) is replaced by \(now)"
    case .missing(let likely?): return "\(was) is not in this host; \(likely) may be its replacement"
    case .missing(nil): return "\(was) is not in this host"
    case .new: return "\(now) was not there when the layout was saved"
    }
  }
}

/// Saved NICs to present ones, told by hand: `eth0=eth2`, `eth0=00:24:81:7f:cf:8b`.
public struct NICMapping: Hashable, Sendable {
  /// Device in the layout -> device or MAC in this host.
  public private(set) var entries: [String: String] = [:]

  public static let none = NICMapping()

  public init() {}

  public init(_ entries: [String: String]) { self.entries = entries }

  /// - Parameter words: `DEVICE=DEVICE` or `DEVICE=MAC`.
  public init(parsing words: [String]) throws(LayoutError) {
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw .mapping(text: word, rule: "takes SAVED=PRESENT, for example eth0=eth2 or eth0=00:24:81:7f:cf:8b")
      }
      let device = String(parts[0])
      if entries[device] != nil { throw .mapping(text: word, rule: "\(device) is mapped twice") }
      entries[device] = String(parts[1]).lowercased()
    }
  }

  public subscript(device: String) -> String? {
    get { entries[device] }
    set { entries[device] = newValue }
  }
}
