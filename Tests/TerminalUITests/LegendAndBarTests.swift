import Testing

@testable import TerminalUI

@Suite struct LegendAndBarTests {
  @Test func theLegendNeverCutsAWord() {
    let legend = KeyLegend([("Enter", "open"), ("/", "find"), ("?", "help"), ("q", "quit")])
    #expect(legend.text(width: 80) == "Enter open  / find  ? help  q quit")
    #expect(legend.text(width: 33) == "Enter open  / find  ? help")
    #expect(legend.text(width: 9) == "? help")
    #expect(legend.text(width: 5) == "")
    var frame = Frame(size: Size(columns: 20, rows: 1))
    legend.draw(into: &frame, row: 0)
    #expect(frame.lines == ["Enter open  ? help"])
    #expect(frame.style(at: Point(column: 0, row: 0)) == .key)
    #expect(frame.style(at: Point(column: 6, row: 0)) == .footer)
  }

  @Test func theWayOutAndTheHelpGoLast() {
    let legend = KeyLegend([("y or F8", "apply"), ("v", "show commands"), ("r", "look again"), ("Esc", "back"), ("?", "help")])
    #expect(legend.text(width: 80) == "y or F8 apply  v show commands  r look again  Esc back  ? help")
    #expect(legend.text(width: 50) == "y or F8 apply  v show commands  Esc back  ? help")
    #expect(legend.text(width: 31) == "y or F8 apply  Esc back  ? help")
    #expect(legend.text(width: 20) == "Esc back  ? help")
    #expect(legend.text(width: 10) == "Esc back")
    #expect(KeyLegend([("Enter", "next"), ("Esc", "back"), ("F1", "help")]).text(width: 20) == "Esc back  F1 help")
  }

  @Test func theBarIsFullOnlyWhenAllIsDone() {
    func bar(_ bar: ProgressBar) -> String {
      var frame = Frame(size: Size(columns: 10, rows: 1))
      bar.draw(into: &frame, at: Point(column: 0, row: 0), width: 10)
      return frame.lines[0]
    }
    #expect(bar(ProgressBar(fraction: 0)) == "░░░░░░░░░░")
    #expect(bar(ProgressBar(fraction: 0.001)) == "█░░░░░░░░░")
    #expect(bar(ProgressBar(fraction: 0.5)) == "█████░░░░░")
    #expect(bar(ProgressBar(fraction: 0.999)) == "█████████░")
    #expect(bar(ProgressBar(fraction: 7)) == "██████████")
    #expect(bar(ProgressBar(fraction: .nan)) == "░░░░░░░░░░")
    #expect(bar(ProgressBar(done: 0, total: 0)) == "██████████")
    #expect(bar(ProgressBar(fraction: nil, step: 3)) == "░░░██░░░░░")
    let moving = Set((0..<40).map { bar(ProgressBar(fraction: nil, step: $0)) })
    #expect(moving.count == 9 && moving.allSatisfy { $0.count == 10 })
  }
}
