/// Which NIC of this host stands for one of the layout.
public struct NICMatch: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Same MAC, same device.
    case same
    /// Same MAC, another device.
    case renamed
    /// Told by hand.
    case mapped
    /// Not in this host. When a card in the same slot, or of the same device, but with another MAC is there, it is
    /// named as the likely replacement; nothing is put on it without a mapping.
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
    case .renamed: return "\(was) is called \(present?.device ?? "?") now"
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
      entries[device] = String(parts[1])
    }
  }

  public subscript(device: String) -> String? {
    get { entries[device] }
    set { entries[device] = newValue }
  }
}

extension NICMatch {
  /// Matches the NICs of a layout with those of a host: by hand first, then by MAC.
  /// - Returns: every saved NIC in the layout's order, then the new ones.
  static func all(
    _ saved: [SavedNIC], _ present: [SavedNIC], _ mapping: NICMapping
  ) throws(LayoutError) -> [NICMatch] {
    let byHand = try chosen(saved, present, mapping)
    var free = present.filter { nic in !byHand.values.contains(nic) }
    var found = byHand
    for nic in saved where found[nic.device] == nil && !nic.mac.isEmpty {
      guard let place = free.firstIndex(where: { $0.mac == nic.mac }) else { continue }
      found[nic.device] = free.remove(at: place)
    }
    let matches = saved.map { nic in
      guard let now = found[nic.device] else {
        let likely = free.first { !nic.pci.isEmpty && $0.pci == nic.pci } ?? free.first { $0.device == nic.device }
        return NICMatch(kind: .missing(likely: likely?.device), saved: nic, present: nil)
      }
      let kind: Kind =
        byHand[nic.device] != nil && now.mac != nic.mac ? .mapped : now.device == nic.device ? .same : .renamed
      return NICMatch(kind: kind, saved: nic, present: now)
    }
    return matches + free.map { NICMatch(kind: .new, saved: nil, present: $0) }
  }

  private static func chosen(
    _ saved: [SavedNIC], _ present: [SavedNIC], _ mapping: NICMapping
  ) throws(LayoutError) -> [String: SavedNIC] {
    var chosen: [String: SavedNIC] = [:]
    for (device, target) in mapping.entries.sorted(by: { comesBefore($0.key, $1.key) }) {
      let text = "\(device)=\(target)"
      guard saved.contains(where: { $0.device == device }) else {
        let known = saved.map(\.device).joined(separator: ", ")
        throw .mapping(text: text, rule: "the layout has no NIC \(device), only \(known.isEmpty ? "none" : known)")
      }
      guard let nic = present.first(where: { $0.device == target || $0.mac == target.lowercased() }) else {
        let known = present.map(\.device).joined(separator: ", ")
        throw .mapping(text: text, rule: "this host has no NIC \(target), only \(known.isEmpty ? "none" : known)")
      }
      if let other = chosen.first(where: { $0.value == nic })?.key {
        throw .mapping(text: text, rule: "\(nic.device) stands for \(other) already")
      }
      chosen[device] = nic
    }
    return chosen
  }
}
