import Dom0
import Foundation
import Testing

@Suite struct XapiDatabaseTests {
  private func read(_ text: String) throws -> XapiDatabase {
    let host = try TemporaryHost()
    try host.write(text, XapiDatabase.coordinatorPath)
    return try XapiDatabase(of: host.system)
  }

  @Test func namesWhatAHostHas() throws {
    let db = try read(SampleFiles.stateDB)
    #expect(db.problems.isEmpty)
    #expect(db.generation == 37_199_835)
    #expect(db.pool?.name == "Rack 4")
    #expect(db.pool?.isHAEnabled == true)
    #expect(db.pool?.isRedoLogEnabled == true)
    #expect(db.hosts.map(\.name) == ["café"])
    #expect(db.host(uuid: "b8b63475")?.ref == db.pool?.master)
    #expect(db.network(onBridge: "xenbr0")?.name == "Pool-wide network")
    #expect(db.vms.map(\.name) == ["web 1%\n<row> \"x\"", "Control domain"])
    #expect(db.running(on: "OpaqueRef:h").map(\.uuid) == ["v0"])
    #expect(db.running(on: "OpaqueRef:other").isEmpty)
  }

  @Test func readsAPIFWhole() throws {
    let db = try read(SampleFiles.stateDB)
    let pif = try #require(db.pif("OpaqueRef:p0"))
    #expect(pif.device == "eth0")
    #expect(pif.mac == "ec:f4:bb:c3:af:a8")
    #expect(db.network(pif.network)?.bridge == "xenbr0")
    #expect(pif.vlan == nil)
    #expect(pif.isManagement && pif.isPhysical && pif.isAttached && pif.isManaged && !pif.disallowsUnplug)
    #expect(pif.ipMode == "Static")
    #expect(pif.ip == "192.168.1.10")
    #expect(pif.dns == ["1.1.1.1", "8.8.8.8"])
    #expect(pif.ipv6 == ["fd00::10/64"])
    #expect(pif.mtu == 1500)
    #expect(pif.bond == "OpaqueRef:b")
    #expect(pif.otherConfig == ["domain": "lab.example,x", "it's": "a)b"])
    #expect(pif.properties == ["gro": "on"])
    let vlan = try #require(db.pif("OpaqueRef:p3"))
    #expect(vlan.vlan == 42)
    #expect(vlan.bond == nil)
    // A column the row lacks is as XAPI has it by default.
    #expect(vlan.isManaged && !vlan.isManagement && vlan.ip.isEmpty)
  }

  @Test func readsBondsAndVLANs() throws {
    let db = try read(SampleFiles.stateDB)
    #expect(db.bonds.map(\.members) == [["OpaqueRef:p0", "OpaqueRef:p1"]])
    #expect(db.bonds.first?.interface == "OpaqueRef:p2")
    #expect(db.bonds.first?.mode == "lacp")
    #expect(db.bonds.first?.properties == ["hashing_algorithm": "tcpudp_ports"])
    #expect(db.vlans.map(\.tag) == [42])
    #expect(db.vlans.first?.tagged == "OpaqueRef:p2")
  }

  /// White space escaped as XAPI does it, entities as XML does it.
  @Test(arguments: [
    ("a%.b", "a b"), ("a%_b", "a  b"), ("a%tb%nc%rd", "a\tb\nc\rd"), ("100%%", "100%"), ("%%.", "%."), ("%x%", "%x%"),
    ("&lt;&gt;&amp;&quot;&apos;", "<>&\"'"), ("&#233;&#xe9;", "éé"), ("&amp;lt;", "&lt;"),
    ("&nbsp;&;&#0x;", "&nbsp;&;&#0x;"),
    ("&#xD800;", "&#xD800;"), ("a\tb\nc", "a b c"), ("%&#46;", " "), ("日本", "日本"),
  ])
  func undoesBothEscapings(raw: String, name: String) throws {
    let db = try read("<database><table name=\"host\"><row name__label=\"\(raw)\" /></table></database>")
    #expect(db.hosts.map(\.name) == [name])
  }

  @Test func aFileThatBreaksOffTellsWhatItHad() throws {
    let whole = SampleFiles.stateDB
    let cut = try #require(whole.range(of: "<table name=\"VLAN\">")).upperBound
    let db = try read(String(whole[..<cut]))
    #expect(db.pifs.count == 2)
    #expect(db.bonds.count == 1)
    #expect(db.pool == nil)
    #expect(db.problems.count == 1)
    #expect(db.problems.first?.contains("it ends before </table>") == true)
    let inTag = try #require(whole.range(of: "untagged_PIF=")).lowerBound
    let problem = try #require(try read(String(whole[..<inTag])).problems.first)
    #expect(problem.contains("in the middle of a tag") && problem.hasSuffix("in the table VLAN"))
  }

  @Test(arguments: [
    "<config/>", "<database/>", "<database></database>", "<database><manifest/></database>", "{}", "<database>",
    "<database><row ref=\"x\"/></database>", "<database><table name=\"PIF\"></database>",
    "<database><table name=\"PIF\"><row ref=x/></table></database>",
  ])
  func refusesWhatIsNoDatabase(text: String) {
    #expect { try read(text) } throws: { error in
      if case .malformed(XapiDatabase.coordinatorPath, _)? = error as? HostFileError { true } else { false }
    }
  }

  @Test func takesTheFileOfTheHostsRole() throws {
    let host = try TemporaryHost()
    try host.write(SampleFiles.stateDB, XapiDatabase.memberPath)
    #expect(try XapiDatabase(of: host.system).path == XapiDatabase.memberPath)
    try host.write(SampleFiles.stateDB, XapiDatabase.coordinatorPath)
    #expect(try XapiDatabase(of: host.system).path == XapiDatabase.coordinatorPath)
    try host.write("slave:10.0.0.1", PoolConf.path)
    #expect(try XapiDatabase(of: host.system).path == XapiDatabase.memberPath)
  }

  @Test func tellsItsAge() throws {
    let host = try TemporaryHost()
    try host.write(SampleFiles.stateDB, XapiDatabase.coordinatorPath)
    let date = Date(timeIntervalSince1970: 1_700_000_000)
    try FileManager.default.setAttributes(
      [.modificationDate: date], ofItemAtPath: host.root + XapiDatabase.coordinatorPath)
    let db = try XapiDatabase(of: host.system)
    #expect(db.modified == 1_700_000_000)
    #expect(db.age(at: 1_700_000_090) == 90)
    #expect(db.age(at: 1_600_000_000) == 0)
  }

  /// Tags that lie across the pieces the file is read in, at every place.
  @Test func tagsMayLieAcrossPieces() throws {
    let host = try TemporaryHost()
    let row =
      "<row ref=\"OpaqueRef:v\" name__label=\"a &gt; b\" recommendations=\"&lt;x y='>'&gt;\" power_state=\"Running\"/>"
    for padding in stride(from: 65_400, to: 65_400 + row.utf8.count + 60, by: 1) {
      let comment = "<!--" + String(repeating: "x", count: padding - 200) + "-->"
      try host.write(
        "<?xml version=\"1.0\"?>\(comment)<database><table name=\"VM\">\(row)\(row)</table></database>",
        XapiDatabase.coordinatorPath)
      let db = try XapiDatabase(of: host.system)
      #expect(db.vms.map(\.name) == ["a > b", "a > b"], "\(padding)")
      #expect(db.problems.isEmpty)
    }
  }

  @Test func aTagLongerThanAnyIsRefused() throws {
    let host = try TemporaryHost()
    try host.write(
      "<database><table name=\"VM\"><row ref=\"\(String(repeating: "x", count: 5 << 20))\"/></table></database>",
      XapiDatabase.coordinatorPath)
    #expect { try XapiDatabase(of: host.system) } throws: { error in
      if case .malformed(_, let reason)? = error as? HostFileError {
        reason.contains("a tag has more than")
      } else {
        false
      }
    }
  }

  @Test func aLargePoolIsReadPieceByPiece() throws {
    let host = try TemporaryHost()
    let filler = String(repeating: "(('k'%.'&lt;restrictions&gt;'))", count: 100)
    var text = "<database><table name=\"VM\">"
    for number in 0..<4000 {
      text += "<row ref=\"\(number)\" recommendations=\"\(filler)\" name__label=\"vm%.\(number)\" uuid=\"u\"/>"
    }
    text += "</table><table name=\"unknown\"><row ref=\"x\" other=\"\(filler)\"/></table></database>"
    try host.write(text, XapiDatabase.coordinatorPath)
    let db = try XapiDatabase(of: host.system)
    #expect(db.vms.count == 4000)
    #expect(db.vms.last?.name == "vm 3999")
    #expect(db.problems.isEmpty)
  }

  // MARK: local.db

  @Test func readsWhetherHAIsArmed() throws {
    let db = try LocalDB(parsing: Array(SampleFiles.localDB.utf8))
    #expect(db.isHAArmed)
    #expect(db["pool.secret&"] == "a \"b\" <c>")
    #expect(try !LocalDB(parsing: Array("<config></config>".utf8)).isHAArmed)
    #expect(try !LocalDB(parsing: Array("<config/>".utf8)).isHAArmed)
    let twice = "<config><row key=\"ha.armed\" value=\"true\"/><row key=\"ha.armed\" value=\"false\"></row></config>"
    #expect(try !LocalDB(parsing: Array(twice.utf8)).isHAArmed)
  }

  /// Not knowing is not the same as "not armed".
  @Test func aCutLocalDBIsNeverBelieved() {
    let bytes = Array(SampleFiles.localDB.utf8)
    let whole = bytes.count - 1
    for count in 0..<whole where !String(decoding: bytes[..<count], as: UTF8.self).hasSuffix("</config>") {
      #expect(throws: HostFileError.self, "cut after \(count) bytes") { try LocalDB(parsing: Array(bytes[..<count])) }
    }
  }
}
