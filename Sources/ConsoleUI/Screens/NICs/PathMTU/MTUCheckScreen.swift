import HostNetworking
import TerminalUI

/// One check of packet sizes, live: what each layer is set to, what was tried, and what it means.
struct MTUCheckScreen: Screen {
  private let request: MTUCheckRequest
  private let who: String
  private var run = UInt64.random(in: 1...UInt64.max)
  private var way: MTUWay?
  private var tries: [MTUTry] = []
  private var report: MTUCheckReport?

  /// - Parameter who: what people call the other machine; empty for an address that was typed.
  init(_ request: MTUCheckRequest, who: String = "") {
    self.request = request
    self.who = who
  }

  private var place: String {
    switch request.place {
    case .address(let address): "\(address)"
    case .name(let name): name
    }
  }

  let title = "Packet sizes"

  let help = [
    "Left what each layer of the way out is set to; what is smaller than the packets that are tried is marked with !. Right the sizes that "
      + "were sent, whole, and what became of them.",
    "A size that is lost was sent twice. r tests again.",
  ]

  var errand: Errand? { .checkMTU(request, run: run) }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    (report == nil ? [] : [("r", "test again")]) + [("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5):
      guard report != nil else { return .done }
      (run, way, tries, report) = (UInt64.random(in: 1...UInt64.max), nil, [], nil)
      return .ask(.checkMTU(request, run: run))
    default: return .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .mtu(let news, run) = report else { return .pass }
    switch news {
    case .way(let found): way = found
    case .tried(let tried): tries.append(tried)
    case .over(let over): self.report = over
    }
    return .done
  }

  // MARK: Drawing

  private static let verdictRows = 9

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let bottomRows = min(Self.verdictRows, max(3, area.rows / 2))
    let (upper, rest) = area.splitTop(max(3, area.rows - bottomRows - 1))
    // Two boxes that share the line between them.
    let left = min(70, upper.columns * 11 / 20)
    let (layers, sizes) = frame.sideBySide(upper, left: left, titles: (title, way.map { "Tried, of \($0.size) bytes" } ?? "Tried"))
    drawLayers(into: &frame, in: layers.inset(left: 1, right: 1))
    drawTries(into: &frame, in: sizes.inset(left: 1, right: 1))
    frame.box(rest, title: report == nil ? "Testing ..." : verdictTitle)
    let inside = rest.inset(left: 2, top: 1, right: 2, bottom: 1)
    let facts = verdict
    FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
  }

  private func drawLayers(into frame: inout Frame, in area: Rect) {
    frame.draw("To \(who.isEmpty ? place : "\(who), \(place)")", at: area.origin, style: .strong, width: area.columns)
    guard let way else {
      let line = Point(column: area.column, row: area.row + 1)
      if report == nil { frame.draw("Looking for the way ...", at: line, style: .dim, width: area.columns) }
      return
    }
    let by = way.gateway.map { ", gateway \($0)" } ?? ", on its link"
    frame.draw("By \(way.interface)\(by)", at: Point(column: area.column, row: area.row + 1), width: area.columns)
    for (index, layer) in way.layers.prefix(max(0, area.rows - 2)).enumerated() {
      let isSmall = layer.mtu.map { $0 < way.size } ?? false
      let row = Point(column: area.column, row: area.row + 2 + index)
      let mtu = layer.mtu.map { "\($0)" } ?? "?"
      frame.draw((isSmall ? "!" : " ") + mtu, at: row, style: isSmall ? .warning : .normal, width: 6, align: .right)
      frame.draw(
        layer.name, at: Point(column: row.column + 8, row: row.row), style: isSmall ? .warning : .normal, width: max(0, area.columns - 8))
    }
  }

  /// The latest where there is no room for all.
  private func drawTries(into frame: inout Frame, in area: Rect) {
    for (index, tried) in tries.suffix(area.rows).enumerated() {
      let row = Point(column: area.column, row: area.row + index)
      frame.draw("\(tried.size)", at: row, width: 5, align: .right)
      frame.draw(tried.words, at: Point(column: row.column + 7, row: row.row), style: tried.style, width: max(0, area.columns - 7))
    }
    if report == nil, tries.count < area.rows, way != nil {
      frame.draw("...", at: Point(column: area.column, row: area.row + tries.count), style: .dim, width: area.columns)
    }
  }

  private var verdictTitle: String {
    switch report?.verdict {
    case .fits: "Fits"
    case .ownLimit: "Limited by this host"
    case .limited: "Limited"
    case .blackHole: "Black hole"
    case .silent: "No answer"
    case .notTested, nil: "Not tested"
    }
  }

  private var verdict: [Fact] {
    guard let report else { return [Fact("", "Each size is waited for a moment, and sent twice before it counts as lost.", style: .dim)] }
    let style: Style = report.fits ? .good : report.isKnown ? .bad : .warning
    let mark = report.fits ? "ok " : report.isKnown ? "!! " : "!  "
    return [
      Fact("Found", report.text.sentence, style: style, mark: mark), Fact("It means", report.meaning),
      Fact("What to do", report.remedy, style: .strong),
    ]
  }
}

extension MTUTry {
  fileprivate var style: Style {
    switch outcome {
    case .arrives: .good
    case .tooLong: .warning
    case .lost, .notSent: .bad
    }
  }
}
