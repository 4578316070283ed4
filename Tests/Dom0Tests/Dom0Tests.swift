import Dom0
import Foundation
import Testing

@Suite struct InventoryTests {
  @Test func readsWhatAnInstallerWrote() {
    let inventory = Inventory(
      """
      PRODUCT_VERSION='8.3.0'
      PRODUCT_BRAND='XCP-ng'
      INSTALLATION_UUID='b8b63475-d28c-44d4-9d1e-c38298ad3a0d'
      MANAGEMENT_INTERFACE='xenbr0'
      INSTALLATION_DATE='2021-08-03 16:39:24.077945'
      """)
    #expect(inventory.productBrand == "XCP-ng")
    #expect(inventory.productVersion == "8.3.0")
    #expect(inventory.installationUUID == "b8b63475-d28c-44d4-9d1e-c38298ad3a0d")
    #expect(inventory.managementInterface == "xenbr0")
    #expect(inventory.entries.map(\.key).last == "INSTALLATION_DATE")
  }

  @Test(arguments: [
    ("KEY='a=b'", "a=b"), ("KEY=bare", "bare"), ("KEY=\"double\"", "double"), ("KEY=''", ""), ("KEY='open", "'open"),
    ("KEY='", "'"), ("KEY='x'\nKEY='y'", "y"), ("junk\n\n=x\nKEY='z'\r\n", "z"),
  ])
  func stripsQuotesAsAPairAndTakesTheLast(text: String, value: String) {
    #expect(Inventory(text)["KEY"] == value)
  }

  @Test func anAbsentKeyIsNotAnEmptyOne() {
    #expect(Inventory("MANAGEMENT_INTERFACE=''").managementInterface == "")
    #expect(Inventory("").managementInterface == nil)
  }
}

@Suite struct HostSystemTests {
  private let root = FileManager.default.temporaryDirectory.appendingPathComponent("dom0-\(UUID().uuidString)").path

  private func write(_ text: String, _ name: String) throws {
    try FileManager.default.createDirectory(atPath: root + "/etc", withIntermediateDirectories: true)
    try text.write(toFile: root + "/etc/" + name, atomically: false, encoding: .utf8)
  }

  @Test func readsBelowItsRootOnly() throws {
    try write("INSTALLATION_UUID='x'\n", "xensource-inventory")
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(try Inventory(of: HostSystem(root: root)).installationUUID == "x")
  }

  @Test(arguments: [("xcp1\n", "xcp1"), ("", nil), ("\n \n", nil), ("xcp1.lab junk\n", "xcp1.lab")] as [(String, String?)])
  func readsTheHostname(text: String, name: String?) throws {
    try write(text, "hostname")
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(try HostSystem(root: root).hostname() == name)
  }

  @Test func namesTheFileThatIsMissing() {
    #expect(throws: HostFileError.missing(path: "/etc/xensource-inventory")) {
      try Inventory(of: HostSystem(root: root))
    }
  }

  @Test func refusesWhatIsTooLarge() throws {
    try write(String(repeating: "x", count: 40_000), "big")
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect {
      _ = try HostSystem(root: root).read("/etc/big", limit: 1000)
    } throws: { error in
      if case .tooLarge(path: "/etc/big", bytes: _) = error as? HostFileError { true } else { false }
    }
  }

  @Test func aFolderIsNotAFile() throws {
    try write("", "x")
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect {
      _ = try HostSystem(root: root).read("/etc")
    } throws: { error in
      if case .unreadable(path: "/etc", reason: _) = error as? HostFileError { true } else { false }
    }
  }
}
