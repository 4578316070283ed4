import CNcurses
import Glibc
import Testing

@testable import TerminalUI

@Suite struct TextTests {
  @Test func widths() {
    #expect(columns(of: "") == 0)
    #expect(columns(of: "eth0") == 4)
    #expect(columns(of: "Größe") == 5)
    #expect(columns(of: "日本語") == 6)
    #expect(columns(of: "ｶﾅ") == 2)
    #expect(columns(of: "한국어") == 6)
    #expect(columns(of: "\u{1112}\u{1161}\u{11AB}") == 2)
    #expect(columns(of: "🙂") == 2)
    #expect(columns(of: "e\u{301}") == 1)
    #expect(columns(of: "\u{1B}[A") == 3)
  }

  /// The C library's table, which ncurses goes by, against ours: over every character that is assigned.
  @Test func widthsAgreeWithTheCLibrary() throws {
    let locale = try #require(newlocale(1 << LC_CTYPE, "C.UTF-8", nil))
    let before = uselocale(locale)
    defer {
      uselocale(before)
      freelocale(locale)
    }
    var differences: [String] = []
    var compared = 0
    for value in UInt32(0xA0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let category = scalar.properties.generalCategory
      if category == .unassigned || category == .control || category == .privateUse { continue }
      let theirs = Int(xc_character_width(value))
      // -1: a character that is younger than the C library.
      if theirs < 0 || Self.isDebatable(scalar) { continue }
      compared += 1
      let ours = TextWidth.columns(of: scalar)
      if ours != theirs { differences.append("U+\(String(value, radix: 16)) ours \(ours) theirs \(theirs)") }
    }
    #expect(compared > 100_000)
    #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(40))")
  }

  /// Characters about which terminals and tables disagree. Where the C library differs from us, the screen shows a
  /// substitute of our width.
  private static func isDebatable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xAD: true  // soft hyphen: drawn as a hyphen
    case 0x1171E: true  // Ahom medial ra: a spacing mark since Unicode 15.1, non-spacing before
    default: false
    }
  }

  @Test func fitting() {
    #expect("eth0".fitted(to: 6) == "eth0  ")
    #expect("eth0".fitted(to: 6, align: .right) == "  eth0")
    #expect("eth0".fitted(to: 7, align: .center) == " eth0  ")
    #expect("management".fitted(to: 5) == "mana…")
    #expect("日本語".fitted(to: 4) == "日… ")
    #expect("日本語".fitted(to: 5) == "日本…")
    #expect("日本語".fitted(to: 1) == "…")
    #expect("x".fitted(to: 0) == "")
    #expect("x".fitted(to: -1) == "")
  }

  @Test func wrapping() {
    #expect("".wrapped(to: 10) == [""])
    #expect("the cable is out".wrapped(to: 9) == ["the cable", "is out"])
    #expect("the cable is out".wrapped(to: 80) == ["the cable is out"])
    #expect("one\n\ntwo".wrapped(to: 10) == ["one", "", "two"])
    #expect("abcdefghij".wrapped(to: 4) == ["abcd", "efgh", "ij"])
    #expect("  indented words go on".wrapped(to: 12) == ["  indented", "  words go", "  on"])
    #expect("日本語日本語".wrapped(to: 5) == ["日本", "語日", "本語"])
    #expect("x".wrapped(to: 0) == [])
    #expect("日本".wrapped(to: 1) == ["日", "本"])
  }

  @Test func filterFindsPartsWithoutCaseOrDiacritics() {
    #expect(Filter("").matches("anything"))
    #expect(Filter("STOR").matches("Storage B"))
    #expect(Filter("b stor").matches("Storage B"))
    #expect(!Filter("storage c").matches("Storage B"))
    #expect(Filter("brno").matches("Síť BRNO"))
    #expect(Filter("sit").matches("Síť Brno"))
    #expect(Filter("síť").matches("SIT"))
    #expect(Filter("strasse").matches("Straße 4"))
    #expect(Filter("tieng viet").matches("Tiếng Việt"))
    #expect(Filter("sit").matches("si\u{301}t\u{30C}"))
    #expect(Filter("lodz").matches("Łódź"))
    #expect(Filter("сеть").matches("СЕТЬ"))
    #expect(Filter("日本").matches("日本語"))
    #expect(Filter("42 up").matches(["eth1.42", "up"]))
    #expect(!Filter("42up").matches(["eth1.42", "up"]))
    #expect(Filter("  ").isEmpty)
  }
}

