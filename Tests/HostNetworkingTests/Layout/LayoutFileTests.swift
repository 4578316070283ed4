import JSON
import Testing
import XenAPI

@testable import HostNetworking

/// The file of a layout: what is written is read again, byte for byte; what is damaged is named.
struct LayoutFileTests {
  @Test func whatIsSavedIsReadAgain() async throws {
    try await LayoutHost.with(.pool) { host in
      let layout = try await host.layout()
      let bytes = layout.encoded
      let read = try NetworkLayout(parsing: bytes, name: "a.json")
      #expect(read == layout)
      #expect(read.encoded == bytes)
      #expect(layout.nics.map(\.device) == ["eth0", "eth1", "eth2", "eth3"])
      #expect(layout.bonds.map(\.members) == [["eth0", "eth1"]])
      #expect(layout.bonds.first?.properties["lacp-time"] == "slow")
      #expect(layout.vlans.map(\.tag) == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 200, 4000])
      #expect(layout.management == "bond0")
      #expect(layout.host.role == "coordinator")
      #expect(layout.interface("VLAN 90 on bond0")?.ipv4.address == "10.0.90.11")
      // The private network is there, the system's too; other hosts' interfaces are not.
      #expect(layout.networks.contains { $0.name == "Private lab" })
      #expect(layout.interfaces.count == 4 + 1 + 12)
    }
  }

  @Test func unknownMembersSurvive() throws {
    var json = try #require(Self.small.json.object)
    json.append("colour", "green")
    var nic = try #require(json["nics"]?.array?[0].object)
    nic.append("firmware", ["version": 7])
    json["nics"] = .array([.object(nic)])
    let layout = try NetworkLayout(json: .object(json), name: "x")
    #expect(layout.unknown["colour"] == "green")
    let again = try NetworkLayout(parsing: layout.encoded, name: "x")
    #expect(again.json["nics"]?.array?[0]["firmware"]?["version"] == 7)
    #expect(again.encoded == layout.encoded)
  }

  @Test func aNewerVersionIsRefused() throws {
    var json = try #require(Self.small.json.object)
    json["version"] = 2
    #expect(throws: LayoutError.newer(name: "b.json", version: 2)) {
      try NetworkLayout(json: .object(json), name: "b.json")
    }
    #expect("\(LayoutError.newer(name: "b.json", version: 2))".contains("newer xcpconsole"))
  }

  @Test(arguments: [
    ("nics[0].mac", "bonds"), ("nics[0].device", "nics"), ("vlans[0].tag", "vlans"), ("taken.at", "taken"),
    ("interfaces[1].kind", "interfaces"), ("bonds[0].members", "bonds"), ("management", "management"),
  ])
  func damageIsNamed(place: String, _: String) throws {
    #expect {
      try NetworkLayout(json: try Self.damaged(at: place), name: "c.json")
    } throws: { error in
      "\(error)".hasPrefix("c.json is damaged: \(place)")
    }
  }

  private static func damaged(at place: String) throws -> JSONValue {
    var json = try #require(small.json.object)
    func change(_ list: String, _ index: Int, _ key: String, _ value: JSONValue) throws {
      var elements = try #require(json[list]?.array)
      var element = try #require(elements[index].object)
      element[key] = value
      elements[index] = .object(element)
      json[list] = .array(elements)
    }
    switch place {
    case "nics[0].mac": try change("nics", 0, "mac", "00:11:22")
    case "nics[0].device": try change("nics", 0, "device", "")
    case "vlans[0].tag": try change("vlans", 0, "tag", 4095)
    case "taken.at": json["taken"] = ["at": "yesterday", "from": "XAPI"]
    case "interfaces[1].kind": try change("interfaces", 1, "kind", "wormhole")
    case "bonds[0].members": try change("bonds", 0, "members", ["eth0", "eth7"])
    default: json["management"] = "bond9"
    }
    return .object(json)
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = Self.small.encoded
    // The last byte is the line feed.
    for count in 0..<(bytes.count - 1) {
      #expect(throws: LayoutError.self) { try NetworkLayout(parsing: Array(bytes[..<count]), name: "d.json") }
    }
  }

  @Test func otherFilesAreTold() {
    #expect(throws: LayoutError.otherFormat(name: "e")) { try NetworkLayout(parsing: Array("{}".utf8), name: "e") }
    #expect(throws: LayoutError.otherFormat(name: "e")) { try NetworkLayout(parsing: Array("[1]".utf8), name: "e") }
    #expect(throws: LayoutError.notJSON(name: "e", reason: "it is empty")) { try NetworkLayout(parsing: [], name: "e") }
  }

  @Test func textIsReadable() {
    let text = String(decoding: Self.small.encoded, as: UTF8.self)
    #expect(text.hasSuffix("}\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 120 })
    #expect(
      text.contains(
        "\n    {\"device\": \"eth0\", \"mac\": \"ec:f4:bb:c3:af:a8\", \"pci\": \"\", \"vendor\": \"\", \"model\": \"\"}"
      ))
  }

  /// A bond of one NIC with a VLAN on it.
  static var small: NetworkLayout {
    var layout = NetworkLayout(taken: .init(at: 1_795_368_005, from: .xapi, why: "a test"), host: SavedHost())
    layout.nics = [SavedNIC(device: "eth0", mac: "ec:f4:bb:c3:af:a8")]
    layout.networks = [SavedNetwork(uuid: "n0", name: "Pool-wide network 0", bridge: "xenbr0")]
    let names: [(String, SavedInterface.Kind)] = [("eth0", .nic), ("bond0", .bond), ("VLAN 20 on bond0", .vlan)]
    layout.interfaces = names.map { SavedInterface(name: $0, kind: $1, device: $0) }
    layout.bonds = [SavedBond(name: "bond0", mode: .lacp, members: ["eth0"])]
    layout.vlans = [SavedVLAN(base: "bond0", tag: 20)]
    layout.management = "bond0"
    return layout
  }
}
