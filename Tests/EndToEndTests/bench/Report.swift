import Glibc

/// Figures as they are found, a line each.
struct Report {
  static let title =
    pad("median", left: 58) + pad("best", left: 9) + pad("worst", left: 9) + pad("budget", left: 11)

  /// Prints one figure.
  /// - Parameters:
  ///   - samples: of equal runs; the median counts.
  ///   - budget: what the median may be at the most; nil where there is none.
  ///   - isCount: for what is counted and not timed: no decimals, and the worst must be within the budget.
  func line(_ name: String, _ samples: [Double], _ unit: String, budget: Double? = nil, isCount: Bool = false) {
    let sorted = samples.sorted()
    guard let best = sorted.first, let worst = sorted.last else { return }
    let median = sorted[sorted.count / 2]
    func text(_ value: Double) -> String {
      let scaled = (value * 10).rounded() / 10
      return isCount || scaled == scaled.rounded() ? "\(Int(value.rounded()))" : "\(scaled)"
    }
    var line = Self.pad(name, right: 47) + Self.pad(text(median) + " " + Self.pad(unit, right: 3), left: 11)
    line += Self.pad(text(best), left: 9) + Self.pad(text(worst), left: 9)
    if let budget {
      line += Self.pad(text(budget), left: 11) + ((isCount ? worst : median) <= budget ? "  ok" : "  OVER")
    }
    print(line)
    fflush(nil)
  }

  private static func pad(_ text: String, left width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func pad(_ text: String, right width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
