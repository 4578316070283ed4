import Dom0
import Foundation
import Testing

/// A tree like the kernel's, links and all.
private struct Tree {
  let scratch: Scratch
  var system: HostSystem { HostSystem(root: scratch.path) }

  init() throws {
    scratch = try Scratch()
    try scratch.write("", to: "sys/class/net/bonding_masters")
  }

  /// Makes a device; a value of nil leaves the file out, which is how one that cannot be read looks here.
  func add(_ name: String, at place: String = "virtual", _ files: [String: String?] = [:]) throws {
    let standard: [String: String?] = [
      "address": "ec:f4:bb:c3:af:a8", "carrier": "1", "operstate": "up", "speed": "10000", "duplex": "full",
      "mtu": "1500", "flags": "0x1003", "ifindex": "7", "type": "1",
    ]
    for (file, value) in standard.merging(files, uniquingKeysWith: { $1 }) {
      if let value { try scratch.write(value + "\n", to: "sys/devices/\(place)/net/\(name)/\(file)") }
    }
    try scratch.link("sys/class/net/\(name)", to: "../../devices/\(place)/net/\(name)")
    if place != "virtual" { try scratch.link("sys/devices/\(place)/net/\(name)/device", to: "../..") }
  }

  func addNIC(
    _ name: String, pci: String, driver: String = "ixgbe", bus: String = "pci", _ files: [String: String?] = [:]
  )
    throws
  {
    let place = "pci0000:00/\(pci)"
    // The kernel's own link goes up and not down: only its last name counts.
    try add(name, at: place, files)
    try scratch.link("sys/devices/\(place)/driver", to: "../../../bus/\(bus)/drivers/\(driver)")
    try scratch.write("0x8086\n", to: "sys/devices/\(place)/vendor")
    try scratch.write("0x1528\n", to: "sys/devices/\(place)/device")
    try FileManager.default.removeItem(atPath: "\(scratch.path)/sys/devices/\(place)/net/\(name)/device")
    try scratch.link("sys/devices/\(place)/net/\(name)/device", to: "../../../\(pci)")
  }

  func device(_ name: String) throws -> NetworkDevice {
    try #require(try NetworkDevice.all(on: system).first { $0.name == name })
  }
}

@Suite struct NetworkDeviceTests {
  @Test func readsANIC() throws {
    let tree = try Tree()
    defer { tree.scratch.remove() }
    try tree.addNIC("eth0", pci: "0000:01:00.0")
    for (file, value) in [
      ("rx_bytes", "18446744073709551615"), ("tx_bytes", "5"), ("rx_errors", "2"), ("tx_dropped", "3"),
    ] {
      try tree.scratch.write("\(value)\n", to: "sys/devices/pci0000:00/0000:01:00.0/net/eth0/statistics/\(file)")
    }
    try tree.scratch.link(
      "sys/devices/pci0000:00/0000:01:00.0/net/eth0/master", to: "../../../../virtual/net/ovs-system")
    let nic = try tree.device("eth0")
    #expect(nic.mac == "ec:f4:bb:c3:af:a8")
    #expect(nic.isUp && nic.hasCarrier == true && nic.isRunning)
    #expect(nic.speed == 10_000)
    #expect(nic.duplex == .full)
    #expect(nic.mtu == 1500)
    #expect(nic.index == 7)
    #expect(nic.master == "ovs-system")
    let hardware = try #require(nic.hardware)
    #expect(hardware.address == "0000:01:00.0")
    #expect(hardware.driver == "ixgbe")
    #expect(hardware.vendor == "8086")
    #expect(hardware.device == "1528")
    #expect(hardware.virtualFunctions == nil)
    #expect(nic.isPhysical)
    #expect(nic.counters?.receivedBytes == .max)
    #expect(nic.counters?.sentBytes == 5)
    #expect(nic.counters?.receiveErrors == 2)
    #expect(nic.counters?.sendDrops == 3)
  }

  @Test func passesOverWhatIsNoDevice() throws {
    let tree = try Tree()
    defer { tree.scratch.remove() }
    try tree.add("lo", ["type": "772"])
    try tree.scratch.link("sys/class/net/gone", to: "../../devices/virtual/net/gone")
    #expect(try NetworkDevice.all(on: tree.system).map(\.name) == ["lo"])
  }

  @Test func doesNotKnowTheLinkOfADeviceThatIsDown() throws {
    let tree = try Tree()
    defer { tree.scratch.remove() }
    // While a device is down, reading these is EINVAL.
    try tree.addNIC("eth0", pci: "0000:01:00.0", ["flags": "0x1002", "carrier": nil, "speed": nil, "duplex": nil])
    let nic = try tree.device("eth0")
    #expect(!nic.isUp)
    #expect(nic.hasCarrier == nil)
    #expect(nic.speed == nil)
    #expect(nic.duplex == nil)
    #expect(!nic.isRunning)
  }

  @Test(
    arguments: [
      ("-1", nil), ("4294967295", nil), ("65535", nil), ("0", nil), ("", nil), ("junk", nil), ("10", 10),
      ("400000", 400_000),
    ] as [(String, Int?)])
  func knowsNoSpeedThatIsNone(text: String, speed: Int?) throws {
    let tree = try Tree()
    defer { tree.scratch.remove() }
    try tree.add("eth0", ["speed": text, "duplex": "unknown"])
    let nic = try tree.device("eth0")
    #expect(nic.speed == speed)
    #expect(nic.duplex == nil)
  }

  @Test func tellsPhysicalNICsFromOthers() throws {
    let tree = try Tree()
    defer { tree.scratch.remove() }
    try tree.add("xenbr0")
    try tree.addNIC("eth0", pci: "0000:01:00.0")
    try tree.addNIC("vif1.0", pci: "vif-1-0", driver: "vif", bus: "xen-backend")
    try tree.addNIC("eth4", pci: "0000:01:10.0", driver: "ixgbevf")
    try tree.scratch.link("sys/devices/pci0000:00/0000:01:10.0/physfn", to: "../0000:01:00.0")
    try tree.addNIC("ib0", pci: "0000:02:00.0", ["type": "32"])
    let devices = try NetworkDevice.all(on: tree.system)
    #expect(devices.filter(\.isPhysical).map(\.name) == ["eth0"])
    #expect(devices.first { $0.name == "vif1.0" }?.hardware?.isXenBackend == true)
    #expect(devices.first { $0.name == "eth4" }?.hardware?.isVirtualFunction == true)
    #expect(devices.first { $0.name == "xenbr0" }?.hardware == nil)
  }

  @Test func readsVirtualFunctions() throws {
    let tree = try Tree()
    defer { tree.scratch.remove() }
    try tree.addNIC("eth0", pci: "0000:01:00.0")
    try tree.scratch.write("63\n", to: "sys/devices/pci0000:00/0000:01:00.0/sriov_totalvfs")
    try tree.scratch.write("4\n", to: "sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs")
    #expect(try tree.device("eth0").hardware?.virtualFunctions == .init(most: 63, present: 4))
  }

  @Test func readsBridgesAndBondsOfTheKernel() throws {
    let tree = try Tree()
    defer { tree.scratch.remove() }
    try tree.add("xenbr0")
    try tree.scratch.write("", to: "sys/devices/virtual/net/xenbr0/brif/vif1.0")
    try tree.scratch.write("", to: "sys/devices/virtual/net/xenbr0/brif/eth0")
    try tree.add("bond0")
    try tree.scratch.write("active-backup 1\n", to: "sys/devices/virtual/net/bond0/bonding/mode")
    try tree.scratch.write("eth0 eth1 \n", to: "sys/devices/virtual/net/bond0/bonding/slaves")
    try tree.scratch.write("\n", to: "sys/devices/virtual/net/bond0/bonding/active_slave")
    #expect(try tree.device("xenbr0").bridgePorts == ["eth0", "vif1.0"])
    #expect(try tree.device("xenbr0").bond == nil)
    let bond = try #require(try tree.device("bond0").bond)
    #expect(bond == .init(mode: "active-backup", members: ["eth0", "eth1"], active: nil))
  }

  @Test func namesTheFolderThatIsMissing() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    #expect(throws: HostFileError.missing(path: "/sys/class/net")) {
      try NetworkDevice.all(on: HostSystem(root: scratch.path))
    }
  }
}
