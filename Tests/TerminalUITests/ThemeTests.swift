import Testing

@testable import TerminalUI

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
