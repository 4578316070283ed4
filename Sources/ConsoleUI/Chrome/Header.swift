import HostNetworking
import TerminalUI

/// The first row of every screen: which host this is, what it is in its pool, where it is managed, how XAPI is.
struct Header {
  private struct Segment {
    let text: String
    var style = Style.header
    /// The least important goes first when the row is too narrow.
    let importance: Int
  }

  let context: Context

  func draw(into frame: inout Frame) {
    let width = frame.size.columns
    frame.fill(Rect(column: 0, row: 0, columns: width, rows: 1), .header)
    var (left, right) = (self.left, self.right)
    while needed(left, right) > width, left.count + right.count > 1 {
      let least = (left + right).map(\.importance).min() ?? 0
      left.removeAll { $0.importance == least }
      right.removeAll { $0.importance == least }
    }
    var column = 0
    for segment in left {
      column += frame.draw(segment.text, at: Point(column: column, row: 0), style: segment.style) + 2
    }
    column = width
    for segment in right.reversed() {
      column -= columns(of: segment.text)
      frame.draw(segment.text, at: Point(column: max(0, column), row: 0), style: segment.style)
      column -= 2
    }
  }

  private func needed(_ left: [Segment], _ right: [Segment]) -> Int {
    (left + right).reduce(-2) { $0 + columns(of: $1.text) + 2 }
  }

  private var left: [Segment] {
    guard let host = context.host else { return [Segment(text: "xcpconsole", importance: 5)] }
    var segments = [Segment(text: Self.cut(host.name ?? "this host"), importance: 5)]
    if let product = host.product { segments.append(Segment(text: product, importance: 1)) }
    if host.role != .unknown { segments.append(Segment(text: host.role.words, importance: 2)) }
    return segments
  }

  /// A name of any length must leave room for the rest.
  private static func cut(_ name: String) -> String { name.fitted(to: min(columns(of: name), 24)) }

  private var right: [Segment] {
    let xapi = XAPIWords(context)
    var segments: [Segment] = []
    if let pending = context.pending {
      segments.append(Segment(text: pending.words(context.now), style: .headerBad, importance: 7))
    }
    if let restart = context.restart, let words = restart.words(context.now) {
      segments.append(Segment(text: words, style: restart.isRunning || restart.succeeded ? .header : .headerBad, importance: 5))
    }
    if let host = context.host {
      if host.local?.isResetPending == true {
        segments.append(Segment(text: "RESET PENDING", style: .headerBad, importance: 3))
      }
      if host.sources.configuration != nil { segments.append(management(host)) }
    }
    segments.append(Segment(text: xapi.short, style: xapi.style, importance: 6))
    return segments
  }

  /// A change is being made, looked at or taken back: the page tells of its address, and this look at the host may be older.
  private var isOnTrial: Bool {
    switch context.pending?.change.state {
    case .applying, .waiting, .reverting: true
    case .stuck, .revertedInFiles, nil: false
    }
  }

  private func management(_ host: HostView) -> Segment {
    guard let management = host.management else {
      return Segment(text: "NO MANAGEMENT", style: .headerBad, importance: 4)
    }
    let isLost = management.address.isEmpty && management.isAddressKnown && !isOnTrial
    let address = isLost ? "NO ADDRESS" : management.address.isEmpty ? "address ?" : management.address
    // Without an address the bridge's name alone tells nothing.
    if management.interface == nil {
      return Segment(
        text: management.address.isEmpty ? address : "\(address) \(management.name)",
        style: isLost ? .headerBad : .header, importance: 4)
    }
    let link = management.link.carries || management.link == .unknown ? management.link.word : "NO LINK"
    let isBad = isLost || !management.link.carries
    return Segment(
      text: "\(address) \(management.name) \(link)", style: isBad ? .headerBad : .header, importance: 4)
  }
}
