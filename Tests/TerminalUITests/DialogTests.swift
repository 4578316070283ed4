import Testing

@testable import TerminalUI

@Suite struct DialogTests {
  @Test func drawnOverTheMiddle() {
    var frame = Frame(size: Size(columns: 50, rows: 9))
    frame.fill(frame.bounds, with: ".")
    Dialog.confirm("Reboot", ["Reboot this host now?", "3 VMs still run."], yes: "reboot", no: "back")
      .draw(over: &frame)
    #expect(
      frame.lines == [
        "..................................................",
        "........┌─ Reboot ───────────────────────┐........",
        "........│ Reboot this host now?          │........",
        "........│ 3 VMs still run.               │........",
        "........│                                │........",
        "........│ y reboot  n back               │........",
        "........└────────────────────────────────┘........",
        "..................................................",
        "..................................................",
      ])
  }

  @Test func nothingIsAgreedToByHabit() {
    var dialog = Dialog.confirm("Reboot", ["Now?"])
    #expect(dialog.handle(.enter) == .ignored)
    #expect(dialog.handle(.character(" ")) == .ignored)
    #expect(dialog.handle(.character("y")) == .accepted(""))
    #expect(dialog.handle(.function(8)) == .accepted(""))
    #expect(dialog.handle(.character("n")) == .cancelled)
    #expect(dialog.handle(.escape) == .cancelled)
  }

  @Test func input() {
    var dialog = Dialog.input("Find", ["Any part of a name."], placeholder: "eth0")
    var frame = Frame(size: Size(columns: 44, rows: 9))
    dialog.draw(over: &frame)
    #expect(frame.lines.contains { $0.contains("│ eth0") })
    #expect(dialog.handle(.character("x")) == .open)
    dialog.error = "there is no x"
    frame = Frame(size: frame.size)
    dialog.draw(over: &frame)
    #expect(frame.lines.contains { $0.contains("│ x ") } && frame.lines.contains { $0.contains("there is no x") })
    #expect(frame.cursor != nil)
    _ = dialog.handle(.character("y"))
    #expect(dialog.error == nil && dialog.text == "xy")
    #expect(dialog.handle(.enter) == .accepted("xy"))
    #expect(dialog.handle(.escape) == .cancelled)
  }

  @Test func longTextScrolls() {
    var dialog = Dialog.message("Help", (1...30).map { "line \($0)" })
    var frame = Frame(size: Size(columns: 60, rows: 12))
    dialog.draw(over: &frame)
    #expect(frame.lines.contains { $0.contains("line 1 ") } && !frame.lines.contains { $0.contains("line 30") })
    for _ in 0..<29 { _ = dialog.handle(.down) }
    frame = Frame(size: frame.size)
    dialog.draw(over: &frame)
    #expect(frame.lines.contains { $0.contains("line 30") })
    for size in [Size(columns: 1, rows: 1), Size(columns: 8, rows: 3), Size(columns: 0, rows: 0)] {
      var tiny = Frame(size: size)
      dialog.draw(over: &tiny)
    }
  }
}
