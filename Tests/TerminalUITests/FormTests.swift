import Testing

@testable import TerminalUI

@Suite struct FormTests {
  private var form: Form {
    Form([
      .choice(id: "mode", label: "Mode", ["DHCP", "Static"]),
      .cidr(id: "address", label: "Address", required: true, placeholder: "10.0.4.12/24"),
      .ipv4(id: "gateway", label: "Gateway"),
      .checkbox(id: "keep", label: "Keep the old address"),
    ])
  }

  private func type(_ text: String, into form: inout Form) {
    for character in text { _ = form.handle(.character(character)) }
  }

  @Test func valuesByName() {
    var form = form
    #expect(form.value("mode") == "DHCP" && form.choice("mode") == 0)
    _ = form.handle(.right)
    #expect(form.value("mode") == "Static")
    _ = form.handle(.tab)
    type("10.0.4.12/24", into: &form)
    _ = form.handle(.down)
    _ = form.handle(.down)
    _ = form.handle(.character(" "))
    #expect(form.value("address") == "10.0.4.12/24")
    #expect(form.isOn("keep"))
    #expect(form.isValid)
    #expect(form.handle(.enter) == .submitted)
    #expect(form.value("none").isEmpty && form["none"] == nil)
  }

  @Test func whatIsUnfinishedIsHeldAgainstNobodyWhoTypes() {
    var form = form
    _ = form.handle(.tab)
    type("10.0", into: &form)
    #expect(form["address"]?.shownProblem == nil)
    #expect(form["address"]?.problem != nil)
    type(".400", into: &form)
    #expect(form["address"]?.shownProblem == "400 is more than 255")
    for _ in 0..<4 { _ = form.handle(.backspace) }
    #expect(form["address"]?.shownProblem == nil)
    _ = form.handle(.tab)
    #expect(form["address"]?.shownProblem == "an IPv4 address has four numbers, this has 2")
  }

  @Test func submittingShowsWhatIsWrongAndGoesThere() {
    var form = form
    _ = form.handle(.backTab)
    #expect(form.focus == 3)
    #expect(form.handle(.enter) == .open)
    #expect(form.focus == 1)
    #expect(form["address"]?.shownProblem == "this is needed")
    #expect(form.firstProblem?.id == "address")
    #expect(form.handle(.escape) == .cancelled)
  }

  @Test func hiddenFieldsAreSkippedAndNotChecked() {
    var form = form
    form.setHidden(true, "address")
    _ = form.handle(.tab)
    #expect(form.focus == 2)
    #expect(form.isValid)
    form.setHidden(true, "gateway")
    #expect(form.focus == 3)
    form.setText("10.0.4.1", "gateway")
    #expect(form.value("gateway") == "10.0.4.1")
  }

  @Test func ownChecks() {
    var form = Form([.text(id: "tag", label: "Tag") { $0 == "42" ? "VLAN 42 exists on eth1" : nil }])
    type("42", into: &form)
    #expect(form["tag"]?.shownProblem == "VLAN 42 exists on eth1")
    type("0", into: &form)
    #expect(form.handle(.enter) == .submitted)
  }

  @Test func drawing() {
    var form = form
    _ = form.handle(.tab)
    type("10.0.4.300", into: &form)
    var frame = Frame(size: Size(columns: 50, rows: 6))
    form.draw(into: &frame, in: frame.bounds)
    #expect(
      frame.lines == [
        "Mode                    DHCP",
        "Address               10.0.4.300",
        "                      ! 300 is more than 255",
        "Gateway",
        "Keep the old address  [ ]",
        "",
      ])
    #expect(frame.cursor == Point(column: 32, row: 1))
    #expect(form.rows == 5)
    // In less room the field that is typed in is what is shown.
    frame = Frame(size: Size(columns: 50, rows: 2))
    form.draw(into: &frame, in: frame.bounds)
    #expect(frame.lines[0].hasPrefix("Address"))
    #expect(frame.lines[1].contains("300 is more than 255"))
    frame = Frame(size: Size(columns: 1, rows: 1))
    form.draw(into: &frame, in: frame.bounds)
  }
}
