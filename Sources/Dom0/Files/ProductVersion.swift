/// A release of the product: `8.3.0`. Compared number by number; what is missing counts as 0.
public struct ProductVersion: Comparable, Sendable, CustomStringConvertible {
  public let numbers: [Int]

  /// nil for anything but numbers with dots between them.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { AddressText.decimal($0) }
    let known = parts.compactMap { $0 }
    guard !known.isEmpty, known.count == parts.count else { return nil }
    numbers = known
  }

  /// From the inventory; without one from `/etc/redhat-release`, "XCP-ng release 8.3.0 (xenenterprise)".
  public init?(of system: HostSystem) {
    if let inventory = try? Inventory(of: system), let version = inventory.productVersion.flatMap(Self.init) {
      self = version
      return
    }
    guard let bytes = try? system.read("/etc/redhat-release", limit: 4096) else { return nil }
    guard let version = HostText.words(bytes).lazy.compactMap({ Self($0) }).first else { return nil }
    self = version
  }

  public var description: String { numbers.map { String($0) }.joined(separator: ".") }

  public static func == (left: Self, right: Self) -> Bool { !(left < right) && !(right < left) }

  public static func < (left: Self, right: Self) -> Bool {
    for index in 0..<max(left.numbers.count, right.numbers.count) {
      let (one, other) = (left.number(index), right.number(index))
      if one != other { return one < other }
    }
    return false
  }

  private func number(_ index: Int) -> Int { index < numbers.count ? numbers[index] : 0 }
}
