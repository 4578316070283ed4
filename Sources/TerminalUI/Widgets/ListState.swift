/// The chosen row of a list and how far the list is scrolled.
public struct ListState: Hashable, Sendable {
  /// Index of the chosen row; 0 in an empty list.
  public var selected: Int
  /// Index of the first row shown.
  public var offset: Int

  public init() {
    selected = 0
    offset = 0
  }

  /// The indices of the rows to draw, given `visible` rows of room.
  public func rows(count: Int, visible: Int) -> Range<Int> {
    let first = min(max(0, offset), max(0, count))
    return first..<max(first, min(count, first + max(0, visible)))
  }

  /// Moves as a key asks: up, down, k, j, Page Up and Down, Home, End, g, G.
  ///
  /// - Returns: Whether the key was one of these; the list may have been at its end already.
  @discardableResult
  public mutating func handle(_ key: Key, count: Int, visible: Int) -> Bool {
    let page = max(1, visible - 1)
    switch key {
    case .up, .character("k"): selected -= 1
    case .down, .character("j"): selected += 1
    case .pageUp: selected -= page
    case .pageDown: selected += page
    case .home, .character("g"): selected = 0
    case .end, .character("G"): selected = count - 1
    default: return false
    }
    clamp(count: count, visible: visible)
    return true
  }

  /// Brings the choice back into the list and into view, after the list or its room changed.
  public mutating func clamp(count: Int, visible: Int) {
    selected = min(max(0, selected), max(0, count - 1))
    let room = max(1, visible)
    if selected < offset { offset = selected }
    if selected >= offset + room { offset = selected - room + 1 }
    // A list that grew shorter, or a screen that grew taller, leaves no empty rows below while there are more above.
    offset = min(max(0, offset), max(0, count - room))
  }
}
