import Dom0
import Foundation
import Testing

@Suite struct InventoryFileTests {
  @Test func settingTouchesOneLineOnly() throws {
    let before = SampleFiles.inventory
    let after = try Inventory(before).setting("MANAGEMENT_INTERFACE", to: "xenbr0").setting(
      "CURRENT_INTERFACES", to: "")
    let expected = before.replacingOccurrences(of: "'xapi1'", with: "'xenbr0'")
      .replacingOccurrences(of: "CURRENT_INTERFACES='xenbr0 xapi1'", with: "CURRENT_INTERFACES=''")
    #expect(String(decoding: after.bytes, as: UTF8.self) == expected)
    #expect(after.managementInterface == "xenbr0")
    #expect(after.currentInterfaces.isEmpty)
    #expect(after.problems.isEmpty)
  }

  @Test(arguments: [
    // Comments, blank lines, bare and double-quoted values, carriage returns and a missing last line feed stay.
    ("# hi\n\nA=bare\r\nK='x'\r\nB=\"q\"", "# hi\n\nA=bare\r\nK='new'\r\nB=\"q\""),
    ("K='1'\nA='b'\nK='2'\n", "K='new'\nA='b'\nK='new'\n"),
    ("A='b'", "A='b'\nK='new'\n"), ("A='b'\n", "A='b'\nK='new'\n"),
    ("KK='1'\n K='2'\n", "KK='1'\n K='2'\nK='new'\n"),
    ("\u{fffd}A='\u{e9}'\nK=1", "\u{fffd}A='\u{e9}'\nK='new'"),
  ])
  func settingIsLossless(before: String, after: String) throws {
    #expect(String(decoding: try Inventory(before).setting("K", to: "new").bytes, as: UTF8.self) == after)
  }

  @Test func bytesThatAreNotUTF8Stay() throws {
    let bytes: [UInt8] = Array("A='".utf8) + [0xff, 0xe9] + Array("'\nK='1'\n".utf8)
    let changed = try Inventory(parsing: bytes).setting("K", to: "2")
    #expect(changed.bytes == Array("A='".utf8) + [0xff, 0xe9] + Array("'\nK='2'\n".utf8))
  }

  @Test(arguments: ["a=b", "it's", "a\"b", "a\nb", "a\rb", "a\0b", "a\\b", "`reboot`", "$HOME", "\u{7f}"])
  func refusesValuesThatReadersDisagreeOn(value: String) {
    #expect { try Inventory("K='1'").setting("K", to: value) } throws: { error in
      if case .notChanged(Inventory.path, let reason)? = error as? HostFileError {
        reason.hasPrefix("K ")
      } else {
        false
      }
    }
  }

  @Test(arguments: ["", "a b", "k=", "#K", "lower", "K\n"])
  func refusesKeysThatAreNone(key: String) {
    #expect(throws: HostFileError.self) { try Inventory("K='1'").setting(key, to: "x") }
  }

  @Test func tellsWhatItsReadersDisagreeOn() throws {
    let inventory = try Inventory(
      parsing: Array("INSTALLATION_UUID=''\nMANAGEMENT_INTERFACE='xen\nX='a=b'\njunk\nX='c'\n".utf8))
    #expect(
      inventory.problems == [
        "CONTROL_DOMAIN_UUID is missing", "INSTALLATION_UUID is empty",
        "line 4 has no '=': xe-reset-networking stops there",
        "X stands more than once", "MANAGEMENT_INTERFACE in line 2 lacks a quote",
        "X in line 3 holds '=': XAPI loses it when it next writes the file",
      ])
  }

  @Test func everyCutInTheMiddleIsNoticed() throws {
    let bytes = Array(SampleFiles.inventory.utf8)
    // The last key that matters ends here: a cut before it must not go unnoticed.
    let needed = try #require(SampleFiles.inventory.range(of: "MANAGEMENT_INTERFACE='xapi1'")).upperBound
    let last = SampleFiles.inventory.utf8.distance(from: SampleFiles.inventory.startIndex, to: needed)
    for count in 0..<last {
      let problems = (try? Inventory(parsing: Array(bytes[..<count])))?.problems
      #expect(problems?.isEmpty != true, "cut after \(count) bytes")
    }
  }

  @Test func isWrittenInPlace() throws {
    let host = try TemporaryHost()
    try host.write(SampleFiles.inventory, Inventory.path)
    try Inventory(of: host.system).setting("MANAGEMENT_INTERFACE", to: "xentemp").write(to: host.system)
    #expect(try Inventory(of: host.system).managementInterface == "xentemp")
    #expect(host.names() == ["etc", "etc/xensource-inventory"])
  }
}
