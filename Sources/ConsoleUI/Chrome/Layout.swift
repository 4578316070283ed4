import TerminalUI

/// How the screen is divided: header, a notice when something is wrong with XAPI, the screen's own room, footer.
struct Layout {
  let notice: Rect
  let noticeLines: [String]
  let body: Rect

  init(_ size: Size, notice text: String?) {
    let (_, belowHeader) = Rect(size: size).splitTop(1)
    let (_, inner) = belowHeader.splitBottom(1)
    noticeLines = text.map { Self.notice($0, columns: max(1, size.columns - 2)) } ?? []
    (notice, body) = inner.splitTop(noticeLines.count)
  }

  /// Two lines at the most; the second ends in an ellipsis when there would be more.
  private static func notice(_ text: String, columns: Int) -> [String] {
    let lines = text.wrapped(to: columns)
    guard lines.count > 2 else { return lines }
    return [lines[0], (lines[1] + " " + lines[2]).fitted(to: columns)]
  }

  /// Smaller screens cannot show anything useful.
  static func isEnough(_ size: Size) -> Bool { size.columns >= 40 && size.rows >= 12 }
}
