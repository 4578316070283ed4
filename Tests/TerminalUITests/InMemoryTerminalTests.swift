import Testing

@testable import TerminalUI

@Suite struct InMemoryTerminalTests {
  @Test func anApplicationRunsWithoutATerminal() {
    let probe = Probe(
      log: Log(),
      drawing: { state, size in
        var frame = Frame(size: size)
        frame.draw("state \(state)", at: Point(column: 0, row: 0))
        return frame
      },
      react: { key, state in if key == .down { state += 1 } })
    var terminal = InMemoryTerminal(probe, size: Size(columns: 20, rows: 2))
    #expect(terminal.lines == ["state 0", ""])
    terminal.press(.down, .down)
    #expect(terminal.lines == ["state 2", ""])
    terminal.tick()
    #expect(terminal.text == "state 3\n")
    terminal.resize(to: Size(columns: 5, rows: 1))
    #expect(terminal.lines == ["stat…"])
    terminal.mailbox.post("one")
    terminal.mailbox.post("two")
    #expect(terminal.receive() == 2)
    terminal.send("three")
    #expect(terminal.app.log.all.suffix(3) == ["message one", "message two", "message three"])
    terminal.press(.control("g"))
    #expect(terminal.exitCode == nil)
    terminal.type("q")
    #expect(terminal.exitCode == 7)
    terminal.press(.down)
    #expect(terminal.app.state == 3)
  }

  @Test func messagesAreWaitedFor() async {
    let probe = Probe(log: Log(), drawing: { Frame(size: $1) })
    var terminal = InMemoryTerminal(probe, size: Size(columns: 20, rows: 2))
    let mailbox = terminal.mailbox
    let log = terminal.app.log
    let sender = Task {
      try? await Task.sleep(for: .milliseconds(30))
      mailbox.post("late")
    }
    let came = terminal.receive(within: .seconds(20)) { _ in log.all.contains("message late") }
    #expect(came)
    let cameAgain = terminal.receive(within: .milliseconds(1)) { _ in false }
    #expect(!cameAgain)
    await sender.value
  }
}
