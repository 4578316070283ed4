import TerminalUI

/// How the screen is divided: header, a notice when something is wrong with XAPI, the screen's own room, footer.
struct Layout {
  let notice: Rect
  let noticeLines: [String]
  let body: Rect

  init(_ size: Size, notice text: String?) {
    let (_, belowHeader) = Rect(size: size).splitTop(1)
    let (_, inner) = belowHeader.splitBottom(1)
    noticeLines = text.map { Array($0.wrapped(to: max(1, size.columns - 2)).prefix(2)) } ?? []
    (notice, body) = inner.splitTop(noticeLines.count)
  }

  /// Smaller screens cannot show anything useful.
  static func isEnough(_ size: Size) -> Bool { size.columns >= 40 && size.rows >= 12 }
}
