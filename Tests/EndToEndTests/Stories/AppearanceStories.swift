import EndToEndSupport
import Testing

extension Stories {
  /// How it looks where terminals, locales and sizes differ.
  @Suite struct Appearance {
    @Test(arguments: ["linux", "vt100", "xterm-256color"])
    func resized(_ term: String) async throws {
      let scene = try Scene("pool", Screen(80, 24, term))
      let console = scene.console
      try await console.sees("XAPI ok")
      try console.press("2")
      try await console.seesRow(">bond0")
      try console.press("Down")
      try console.resize(160, 50)
      try await console.seesRow("Device", "Card")
      try await console.seesRow("> VLAN 10")
      try await fills(console, 160, 50)
      try console.resize(39, 11)
      try await console.sees("Too small: 40x12 needed")
      try console.resize(20, 3)
      try await console.sees("Too small: 40x12")
      try console.resize(40, 12)
      try await console.seesRow("> VLAN 10")
      try console.resize(1, 1)
      try console.resize(200, 60)
      try await console.seesRow("> VLAN 10")
      try await fills(console, 200, 60)
      try console.resize(80, 24)
      try await fills(console, 80, 24)
      try console.press("Escape", "q")
      #expect(try await console.ends() == 0)
    }

    /// The footer is the last row, and the box reaches the right edge.
    private func fills(_ console: Session, _ columns: Int, _ rows: Int) async throws {
      try await console.waits(for: "\(columns)x\(rows) filled") { screen in
        screen.count == rows && screen.last?.holds("Esc back") == true
          && screen.dropFirst().dropLast().allSatisfy { Columns.of($0) == columns }
      }
    }

    /// Names in any script, and every row's last line is where it belongs.
    @Test(arguments: Screen.all)
    func columnsStayStraight(_ screen: Screen) async throws {
      let scene = try Scene("pool", screen)
      let console = scene.console
      try await console.sees("XAPI ok")
      try console.press("3")
      try await console.sees("Büro Zürich")
      let host = scene.host
      let session = try host.login()
      let networks = try host.call("network.get_by_name_label", [session, "Backup"])
      let network = try #require(networks.array?.first)
      let names = [
        "東京ネットワーク", "👩‍👩‍👧 家族 🇨🇭", "e\u{301}te\u{301} à Zürich", "Сеть é", "ab\u{200B}c\u{7}d\u{1B}[31m",
      ]
      for name in names {
        try host.call("network.set_name_label", [session, network, .string(name)])
        // The list is sorted by name: wherever it went, the choice went with it.
        try await console.waits(for: "straight columns with \(name)") { rows in
          guard let row = rows.first(where: { $0.holds(">") && $0.holds("VLAN 90") }) else { return false }
          return !row.holds("Backup") && rows.dropFirst().dropLast().allSatisfy { Columns.of($0) == screen.columns }
        }
      }
    }

    /// A locale without UTF-8: ASCII or the terminal's own lines, and not one byte beyond.
    @Test(arguments: ["linux", "vt100", "xterm-256color", "ansi"])
    func plainLocale(_ term: String) async throws {
      let folder = try ScratchFolder()
      let host = try HostProcess("pool", folder: folder)
      let terminal = try RawTerminal()
      let child = try terminal.start(
        [Program.console()] + Console.arguments(socket: host.socket, root: folder),
        environment: ["TERM": term, "LANG": "C"])
      var bytes = terminal.read { $0.holds(Array("Gateway".utf8)) }.bytes
      terminal.type("3")
      bytes += terminal.read { $0.holds(Array("Nightly".utf8)) }.bytes
      terminal.type("\u{3}")
      #expect(child.wait() == .exited(0))
      bytes += terminal.read(limit: .milliseconds(50)).bytes
      #expect(bytes.holds(Array("Nightly".utf8)))
      #expect(LineDrawing.without(bytes).allSatisfy { $0 < 0x80 }, "a byte outside ASCII was written")
      #expect(String(decoding: bytes, as: UTF8.self).holds("Buro Zurich"))
    }

    /// Colours are never asked for where somebody wants none; what stands out still does.
    @Test(arguments: Screen.sizes)
    func noColor(_ screen: Screen) async throws {
      var screen = screen
      screen.environment["NO_COLOR"] = "1"
      let scene = try Scene("pool", screen)
      let console = scene.console
      try await console.sees("XAPI ok")
      let styled = try console.styled()
      #expect(!styled.hasColor, "\(styled)")
      #expect(styled.holds("\u{1B}["), "the choice is marked by an attribute")
    }

    @Test func colorOtherwise() async throws {
      let scene = try Scene("pool", Screen())
      try await scene.console.sees("XAPI ok")
      #expect(try scene.console.styled().hasColor)
    }

    /// What a stray program wrote over the screen is gone with Ctrl-L.
    @Test(arguments: ["linux", "vt100", "xterm-256color"])
    func repaint(_ term: String) async throws {
      let lonely = try LonelyConsole(Screen(80, 24, term))
      let console = lonely.console
      try await console.sees("q quit")
      // In the midst of the screen: where the cursor stands last depends on the clock.
      try console.scribble("\u{1b}[12;40HKERNEL")
      try await console.sees("KERNEL")
      try console.press("C-l")
      try await console.loses("KERNEL")
      try await console.sees(">1 Status", "q quit")
    }

    @Test(arguments: ["pool", "standalone", "member", "stranded", "xapi-down", "emergency"])
    func demo(_ scenario: String) async throws {
      let folder = try ScratchFolder()
      let console = try Console.start(Screen(80, 24, "linux", ["TMPDIR": folder.path]), ["--demo=\(scenario)"])
      try await console.sees(
        ["pool": "coordinator of", "standalone": "XAPI ok", "member": "member of", "stranded": "NO ADDRESS"][scenario]
          ?? (scenario == "emergency" ? "XAPI cut off" : "XAPI down"))
      #expect(ScratchFolder.list(folder.path).count == 1)
      try console.press("q")
      #expect(try await console.ends() == 0)
      #expect(ScratchFolder.list(folder.path).isEmpty)
    }
  }
}

/// The PC's own characters, which "linux" and "ansi" terminals draw lines with while SGR 11 is in force.
private enum LineDrawing {
  static func without(_ bytes: [UInt8]) -> [UInt8] {
    var (text, isLine, index) = ([UInt8](), false, 0)
    while index < bytes.count {
      if bytes[index] == 0x1B, index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "[") {
        let end = bytes[(index + 2)...].firstIndex { (0x40...0x7E).contains($0) } ?? bytes.count - 1
        if bytes[end] == UInt8(ascii: "m") {
          for code in bytes[(index + 2)..<end].split(separator: UInt8(ascii: ";")) {
            if code.elementsEqual("11".utf8) { isLine = true }
            if code.elementsEqual("10".utf8) { isLine = false }
          }
        }
        index = end + 1
        continue
      }
      if !isLine { text.append(bytes[index]) }
      index += 1
    }
    return text
  }
}

extension String {
  /// True when a colour is set in the text's sequences (SGR 30 to 49, 90 to 107).
  fileprivate var hasColor: Bool {
    split(separator: "\u{1B}[").dropFirst().contains { part in
      guard let end = part.firstIndex(of: "m") else { return false }
      return part[..<end].split(separator: ";").contains { code in
        Int(code).map { (30...38).contains($0) || (40...48).contains($0) || (90...107).contains($0) } ?? false
      }
    }
  }
}
