import Testing

@testable import TerminalUI

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
