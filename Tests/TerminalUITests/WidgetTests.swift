import Testing

@testable import TerminalUI

@Suite struct ListStateTests {
  @Test func movesAndScrolls() {
    var list = ListState()
    for _ in 0..<4 { #expect(list.handle(.down, count: 10, visible: 4) == true) }
    #expect(list.selected == 4 && list.offset == 1)
    #expect(list.rows(count: 10, visible: 4) == 1..<5)
    list.handle(.end, count: 10, visible: 4)
    #expect(list.selected == 9 && list.offset == 6)
    list.handle(.down, count: 10, visible: 4)
    #expect(list.selected == 9)
    list.handle(.pageUp, count: 10, visible: 4)
    #expect(list.selected == 6 && list.offset == 6)
    list.handle(.character("k"), count: 10, visible: 4)
    #expect(list.selected == 5 && list.offset == 5)
    list.handle(.character("g"), count: 10, visible: 4)
    #expect(list.selected == 0 && list.offset == 0)
    list.handle(.character("G"), count: 10, visible: 4)
    #expect(list.selected == 9)
    #expect(list.handle(.enter, count: 10, visible: 4) == false)
    #expect(list.handle(.character("x"), count: 10, visible: 4) == false)
  }

  @Test func staysInAListThatChanges() {
    var list = ListState()
    list.handle(.end, count: 10, visible: 4)
    list.clamp(count: 3, visible: 4)
    #expect(list.selected == 2 && list.offset == 0)
    list.clamp(count: 0, visible: 4)
    #expect(list.selected == 0 && list.rows(count: 0, visible: 4).isEmpty)
    list.handle(.down, count: 0, visible: 0)
    #expect(list.selected == 0)
    list.handle(.end, count: 5, visible: 0)
    #expect(list.selected == 4 && list.offset == 4)
    #expect(list.rows(count: 2, visible: 3).count <= 2)
  }

  @Test func aTallerScreenShowsMoreOfTheList() {
    var list = ListState()
    list.handle(.end, count: 10, visible: 3)
    #expect(list.offset == 7)
    list.clamp(count: 10, visible: 8)
    #expect(list.offset == 2 && list.selected == 9)
  }
}

@Suite struct TextFieldTests {
  private func typed(_ text: String, into field: TextField = TextField()) -> TextField {
    var field = field
    for character in text { field.handle(.character(character)) }
    return field
  }

  @Test func editing() {
    var field = typed("10.0.4.12")
    #expect(field.text == "10.0.4.12" && field.cursor == 9)
    field.handle(.backspace)
    field.handle(.home)
    field.handle(.delete)
    field.handle(.character("2"))
    #expect(field.text == "20.0.4.1" && field.cursor == 1)
    field.handle(.control("e"))
    field.handle(.left)
    field.handle(.control("k"))
    #expect(field.text == "20.0.4.")
    field.handle(.control("u"))
    #expect(field.text.isEmpty && field.cursor == 0)
    field = typed("two words  ")
    field.handle(.control("w"))
    #expect(field.text == "two ")
    field.handle(.control("a"))
    field.handle(.control("w"))
    field.handle(.backspace)
    field.handle(.left)
    #expect(field.text == "two " && field.cursor == 0)
    #expect(!field.handle(.enter) && !field.handle(.up) && !field.handle(.escape))
  }

  @Test func editingInTheMiddle() {
    var field = TextField("abcdefgh")
    field.cursor = 7
    field.handle(.backspace)
    #expect(field.text == "abcdefh" && field.cursor == 6)
    field.handle(.character("X"))
    #expect(field.text == "abcdefXh" && field.cursor == 7)
    field.cursor = 99
    #expect(field.cursor == 8)
    field.text = "ab"
    #expect(field.cursor == 2)
  }

  @Test func theLimitHolds() {
    let field = typed("12345", into: TextField("", limit: 3))
    #expect(field.text == "123" && field.cursor == 3)
    #expect(TextField("12345", limit: 3).text == "123")
  }

  @Test func combiningMarksJoinWhatWasTyped() {
    let field = typed("e\u{301}x")
    var separate = TextField()
    for scalar in "e\u{301}x".unicodeScalars { separate.handle(.character(Character(scalar))) }
    #expect(separate.text == field.text)
    #expect(separate.cursor == 2)
  }

  @Test func longTextScrollsSideways() {
    var frame = Frame(size: Size(columns: 10, rows: 1))
    var field = TextField("abcdefghijkl")
    field.draw(into: &frame, at: Point(column: 1, row: 0), width: 6, focused: true)
    #expect(frame.lines == [" hijkl"])
    #expect(frame.cursor == Point(column: 6, row: 0))
    field.handle(.home)
    frame = Frame(size: frame.size)
    field.draw(into: &frame, at: Point(column: 1, row: 0), width: 6, focused: true)
    #expect(frame.lines == [" abcdef"])
    #expect(frame.cursor == Point(column: 1, row: 0))
    frame = Frame(size: frame.size)
    field.draw(into: &frame, at: Point(column: 1, row: 0), width: 6, focused: false)
    #expect(frame.lines == [" abcde…"])
    #expect(frame.cursor == nil)
  }

  @Test func secretsAreNotShown() {
    var frame = Frame(size: Size(columns: 10, rows: 1))
    TextField("secret", secret: true).draw(into: &frame, at: Point(column: 0, row: 0), width: 10, focused: false)
    #expect(frame.lines == ["******"])
  }
}

@Suite struct AddressCheckTests {
  @Test(arguments: ["10.0.4.12", "0.0.0.0", "255.255.255.255"]) func goodIPv4(text: String) {
    #expect(AddressCheck.ipv4(text) == .valid)
  }

  @Test(arguments: ["1", "10.", "10.0.4", "10.0.4."]) func unfinishedIPv4(text: String) {
    guard case .incomplete = AddressCheck.ipv4(text) else { Issue.record("\(AddressCheck.ipv4(text))"); return }
  }

  @Test(arguments: [
    "256.0.0.1": "256 is more than 255", "10.0.4.12.1": "an IPv4 address has only four numbers",
    "10.0.x": "\"x\" has no place in an IPv4 address", "10..4": "there is no number before a dot",
    "10.01.4.1": "01 begins with a zero", "10.0.4.1 ": "\" \" has no place in an IPv4 address",
    ".1": "there is no number before a dot", "99999999999999999999": "999999999999 is more than 255",
    "１0.0.0.1": "\"１\" has no place in an IPv4 address",
  ]) func badIPv4(text: String, reason: String) {
    #expect(AddressCheck.ipv4(text) == .invalid(reason))
  }

  @Test(arguments: ["::", "::1", "fe80::1", "2001:db8::4", "1:2:3:4:5:6:7:8", "1::", "::ffff:10.0.4.1", "1:2:3:4:5:6:7::"])
  func goodIPv6(text: String) {
    #expect(AddressCheck.ipv6(text) == .valid)
  }

  @Test(arguments: ["f", "2001:db8:", "1:2:3:4:5:6:7", ":", "::ffff:10.0"]) func unfinishedIPv6(text: String) {
    guard case .incomplete = AddressCheck.ipv6(text) else { Issue.record("\(AddressCheck.ipv6(text))"); return }
  }

  @Test(arguments: ["1::2::3", ":::", "12345::", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "fe80::1%eth0", ":1", "10.0.4.1:1", "::300.1.1.1"])
  func badIPv6(text: String) {
    guard case .invalid = AddressCheck.ipv6(text) else { Issue.record("\(AddressCheck.ipv6(text))"); return }
  }

  @Test func prefixes() {
    #expect(AddressCheck.cidr("10.0.4.12/24") == .valid)
    #expect(AddressCheck.cidr("10.0.4.12/0") == .valid)
    #expect(AddressCheck.cidr("2001:db8::4/128") == .valid)
    #expect(AddressCheck.cidr("10.0.4.12").reason?.contains("/24") == true)
    #expect(AddressCheck.cidr("::1").reason?.contains("/64") == true)
    #expect(AddressCheck.cidr("10.0.4.12/33") == .invalid("a prefix is at most /32"))
    #expect(AddressCheck.cidr("::1/129") == .invalid("a prefix is at most /128"))
    #expect(AddressCheck.cidr("10.0.4/24") == .invalid("an IPv4 address has four numbers, this has 3"))
    #expect(AddressCheck.cidr("10.0.4.12/2x") == .invalid("the prefix length is a number"))
    #expect(AddressCheck.cidr("10.0.4.12/024") == .invalid("024 begins with a zero"))
    #expect(AddressCheck.cidr("/24") == .invalid("the address is missing before the slash"))
    #expect(AddressCheck.cidr("") == .empty)
  }
}

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

@Suite struct TableTests {
  private let table = Table([
    .init("Device", minimum: 6, ideal: 8),
    .init("Link", minimum: 4, ideal: 5),
    .init("MAC", minimum: 17, priority: 2),
    .init("Used as", minimum: 8, ideal: 20, priority: 1),
    .init("MTU", minimum: 4, priority: 3, alignment: .right),
  ])

  private func titles(_ width: Int) -> [String] {
    table.layout(width: width).map { table.columns[$0.index].title }
  }

  @Test func widerScreensShowMoreColumns() {
    #expect(titles(12) == ["Device", "Link"])
    #expect(titles(22) == ["Device", "Link", "Used as"])
    #expect(titles(41) == ["Device", "Link", "MAC", "Used as"])
    #expect(titles(80) == ["Device", "Link", "MAC", "Used as", "MTU"])
    // A column of lower priority that fits is shown though one before it does not.
    #expect(titles(29) == ["Device", "Link", "Used as", "MTU"])
  }

  @Test(arguments: 0...100) func itAlwaysFits(width: Int) {
    let layout = table.layout(width: width)
    var end = -table.gap
    for place in layout {
      #expect(place.start >= end + table.gap && place.width > 0)
      #expect(place.width <= table.columns[place.index].ideal)
      end = place.start + place.width
    }
    #expect(end <= max(0, width))
  }

  @Test func rowsAndTitles() {
    var frame = Frame(size: Size(columns: 62, rows: 2))
    let rows = [["eth0", "up", "ec:f4:bb:c3:af:a8", "bond0 member", "1500"]]
    let measured = table.measured(rows)
    let layout = measured.layout(width: 62)
    measured.drawHeader(into: &frame, at: Point(column: 0, row: 0), layout: layout)
    measured.draw(rows[0], into: &frame, at: Point(column: 0, row: 1), layout: layout, styles: [1: .good])
    #expect(
      frame.lines == [
        "Device  Link  MAC                Used as        MTU",
        "eth0    up    ec:f4:bb:c3:af:a8  bond0 member  1500",
      ])
    #expect(frame.style(at: Point(column: 8, row: 1)) == .good)
    #expect(frame.style(at: Point(column: 0, row: 1)) == .normal)
  }
}

@Suite struct LegendAndBarTests {
  @Test func theLegendNeverCutsAWord() {
    let legend = KeyLegend([("Enter", "open"), ("/", "find"), ("?", "help"), ("q", "quit")])
    #expect(legend.text(width: 80) == "Enter open  / find  ? help  q quit")
    #expect(legend.text(width: 33) == "Enter open  / find  ? help")
    #expect(legend.text(width: 9) == "")
    var frame = Frame(size: Size(columns: 20, rows: 1))
    legend.draw(into: &frame, row: 0)
    #expect(frame.lines == ["Enter open  / find"])
    #expect(frame.style(at: Point(column: 0, row: 0)) == .key)
    #expect(frame.style(at: Point(column: 6, row: 0)) == .footer)
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

@Suite struct ThemeTests {
  @Test func theChoice() {
    #expect(Theme.choose(colors: 0) == .mono)
    #expect(Theme.choose(colors: -1) == .mono)
    #expect(Theme.choose(colors: 8) == .eight)
    #expect(Theme.choose(colors: 16) == .eight)
    #expect(Theme.choose(colors: 256) == .twoHundredFiftySix)
    #expect(Theme.choose(colors: 256, environment: ["NO_COLOR": "1"]) == .mono)
    #expect(Theme.choose(colors: 256, environment: ["NO_COLOR": ""]) == .twoHundredFiftySix)
    #expect(Theme.choose(colors: 256, environment: ["NO_COLOR": "1"], wish: .eight) == .eight)
    #expect(Theme.choose(colors: 0, wish: .twoHundredFiftySix) == .mono)
    #expect(Theme.choose(colors: 256, wish: .mono) == .mono)
  }

  @Test func monoUsesNoColour() {
    #expect(Tone.allCases.allSatisfy { !Theme.mono.look(of: $0).hasColor })
  }

  /// What has to be seen without colour is seen by attributes alone.
  @Test(arguments: Theme.Name.allCases) func whatMattersStandsOut(name: Theme.Name) {
    let theme = Theme(name)
    let normal = theme.look(of: .normal)
    for tone: Tone in [.selection, .selectionDim, .header, .bad, .warning, .field, .fieldFocused, .heading, .key] {
      #expect(theme.look(of: tone) != normal)
    }
    #expect(theme.look(of: .selection) != theme.look(of: .selectionDim))
    #expect(theme.look(of: .field) != theme.look(of: .fieldFocused))
    #expect(theme.look(for: Style(.normal, bold: true)).bold)
    #expect(theme.look(for: Style(.good, underline: true)).underline)
  }

  @Test func traits() {
    func traits(_ name: String, utf8: Bool, acs: Bool = true, _ environment: [String: String] = [:]) -> TerminalTraits {
      TerminalTraits(
        name: name, colors: 8, hasAlternateCharacters: acs, isUTF8: utf8, environment: environment)
    }
    #expect(traits("xterm", utf8: true).lineDrawing == .unicode)
    #expect(traits("linux", utf8: true).lineDrawing == .unicode)
    #expect(traits("linux", utf8: false).lineDrawing == .alternate)
    #expect(traits("sun", utf8: false, acs: false).lineDrawing == .ascii)
    #expect(traits("vt100", utf8: true).lineDrawing == .alternate)
    #expect(traits("vt100", utf8: true).unicode)
    #expect(!traits("vt100", utf8: false).unicode)
    #expect(traits("vt100", utf8: true, ["NCURSES_NO_UTF8_ACS": "1"]).lineDrawing == .unicode)
  }
}

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
