import TerminalUI

/// The last row of every screen: the keys that work now.
struct Footer {
  let keys: [(key: String, does: String)]

  func draw(into frame: inout Frame) {
    KeyLegend(keys.map { ($0.key, $0.does) }).draw(into: &frame, row: frame.size.rows - 1)
  }
}
