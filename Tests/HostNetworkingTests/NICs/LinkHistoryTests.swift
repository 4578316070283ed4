import Dom0
import Foundation
import Testing

@testable import HostNetworking

@Suite struct LinkHistoryTests {
  private let start = ContinuousClock.now

  private func reading(
    _ device: String, _ carrier: Bool?, changes: UInt64? = nil, index: Int = 3, speed: Int? = nil, bytes: UInt64? = nil
  ) -> LinkReading {
    LinkReading(
      device: device, index: index, isUp: true, carrier: carrier, changes: changes, speed: speed ?? (carrier == true ? 1000 : nil),
      received: bytes, sent: bytes)
  }

  private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  @Test func theFirstLookIsNoNews() {
    var history = LinkHistory()
    let first = history.take([reading("eth10", true), reading("eth2", false)], at: at(0), measures: true)
    #expect(first.links.map(\.device) == ["eth2", "eth10"])
    #expect(first.links.allSatisfy { $0.changes == 0 && $0.changed == nil } && first.news.isEmpty)
  }

  @Test func aPulledCableIsNewsOnce() throws {
    var history = LinkHistory()
    _ = history.take([reading("eth0", true)], at: at(0), measures: true)
    let pulled = history.take([reading("eth0", false)], at: at(1), measures: false)
    #expect(pulled.news == ["eth0"])
    let link = try #require(pulled.links.first)
    #expect(link.link == .down && link.changes == 1 && link.changed == at(1) && link.speed == nil)
    #expect(history.take([reading("eth0", false)], at: at(2), measures: true).news.isEmpty)
  }

  /// The cable was out and in again before anybody looked: the kernel has counted.
  @Test func aShortFlapCounts() throws {
    var history = LinkHistory()
    _ = history.take([reading("eth0", true, changes: 4)], at: at(0), measures: true)
    let after = history.take([reading("eth0", true, changes: 6)], at: at(2), measures: true)
    #expect(after.news == ["eth0"] && after.links.first?.changes == 2 && after.links.first?.link == .up)
  }

  @Test func aSpeedThatComesLateIsNoChange() {
    var history = LinkHistory()
    var late = reading("eth0", true)
    late.speed = nil
    _ = history.take([late], at: at(0), measures: true)
    #expect(history.take([reading("eth0", true, speed: 1000)], at: at(1), measures: true).news.isEmpty)
    #expect(history.take([reading("eth0", true, speed: 100)], at: at(2), measures: true).news == ["eth0"])
  }

  @Test func whatComesAndGoesIsNews() throws {
    var history = LinkHistory()
    _ = history.take([reading("eth0", true)], at: at(0), measures: true)
    let came = history.take([reading("eth0", true), reading("eth1", true)], at: at(1), measures: true)
    #expect(came.news == ["eth1"])
    let gone = history.take([reading("eth0", true)], at: at(2), measures: true)
    #expect(gone.news == ["eth1"] && gone.links.last?.isGone == true)
    let back = history.take([reading("eth0", true), reading("eth1", true, index: 9)], at: at(3), measures: true)
    #expect(back.news == ["eth1"] && back.links.last?.isGone == false && back.links.last?.changes == 3)
  }

  @Test func ratesAreMeasuredBetweenLooksThatMeasure() throws {
    var history = LinkHistory()
    _ = history.take([reading("eth0", true, bytes: 1000)], at: at(0), measures: true)
    // The doorbell rings in between: nothing is measured, nothing is forgotten.
    _ = history.take([reading("eth0", true)], at: at(0.5), measures: false)
    let link = try #require(history.take([reading("eth0", true, bytes: 5000)], at: at(2), measures: true).links.first)
    #expect(link.receiving == 2000 && link.sending == 2000)
    let reset = history.take([reading("eth0", true, bytes: 10)], at: at(3), measures: true)
    #expect(reset.links.first?.receiving == nil)
  }

  @Test func afterAChangeThereIsNoRateBeforeAWholeInterval() throws {
    var history = LinkHistory()
    _ = history.take([reading("eth0", true, bytes: 1000)], at: at(0), measures: true)
    let pulled = history.take([reading("eth0", false, bytes: 1000)], at: at(0.5), measures: false)
    #expect(pulled.links.first?.receiving == nil)
    // The doorbell has not measured: the first that does has nothing to compare with.
    #expect(history.take([reading("eth0", false, bytes: 9000)], at: at(1), measures: true).links.first?.receiving == nil)
    #expect(history.take([reading("eth0", false, bytes: 9000)], at: at(2), measures: true).links.first?.receiving == 0)
    // It is back in a look that measures: its bytes begin here.
    #expect(history.take([reading("eth0", true, bytes: 90000)], at: at(3), measures: true).links.first?.receiving == nil)
    #expect(history.take([reading("eth0", true, bytes: 92000)], at: at(4), measures: true).links.first?.receiving == 2000)
  }

  // MARK: Reading

  private struct Tree {
    let path: String

    init() throws {
      path = FileManager.default.temporaryDirectory.appendingPathComponent("links-\(UUID().uuidString.prefix(8))").path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    var system: HostSystem { HostSystem(root: path) }
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func write(_ device: String, _ file: String, _ text: String) throws {
      let file = "\(path)/sys/class/net/\(device)/\(file)"
      try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: file, atomically: true, encoding: .utf8)
    }

    func add(_ device: String) throws {
      for (file, text) in [
        ("flags", "0x1003"), ("carrier", "1"), ("ifindex", "3"), ("type", "1"), ("speed", "1000"), ("duplex", "full"),
        ("address", "02:00:00:00:00:01"), ("statistics/rx_bytes", "10"), ("statistics/tx_bytes", "20"),
      ] { try write(device, file, text + "\n") }
    }
  }

  @Test func onlyWhatTheRuleTakesIsWatched() throws {
    let tree = try Tree()
    defer { tree.remove() }
    for device in ["eth0", "xenbr0", "side-12-eth1", "lo"] { try tree.add(device) }
    #expect(LinkWatch.once(tree.system).links.map(\.device) == ["side-12-eth1"], "the others have no hardware")
    #expect(LinkWatch.once(tree.system, isNIC: { $0.name.hasPrefix("eth") }).links.map(\.device) == ["eth0"])
  }

  @Test func theDriverIsAskedWhenTheLinkHasChanged() throws {
    let tree = try Tree()
    defer { tree.remove() }
    try tree.add("eth0")
    var reader = LinkReader(tree.system) { _ in true }
    #expect(reader.read(measures: true).first?.speed == 1000)
    try tree.write("eth0", "speed", "100\n")
    #expect(reader.read(measures: true).first?.speed == 1000, "the link is as it was")
    try tree.write("eth0", "carrier", "0\n")
    #expect(reader.read(measures: false).first?.speed == nil)
    try tree.write("eth0", "carrier", "1\n")
    #expect(reader.read(measures: false).first?.speed == 100)
  }

  /// A look that measures finds the cable out: it is still the same card.
  @Test func aCardStaysTheSameWhenItsCableIsPulledAtAMeasuringLook() throws {
    let tree = try Tree()
    defer { tree.remove() }
    try tree.add("eth0")
    try tree.write("eth0", "carrier_changes", "2\n")
    var reader = LinkReader(tree.system) { _ in true }
    var history = LinkHistory()
    _ = history.take(reader.read(measures: true), at: at(0), measures: true)
    try tree.write("eth0", "carrier", "0\n")
    try tree.write("eth0", "carrier_changes", "5\n")
    let pulled = history.take(reader.read(measures: true), at: at(1), measures: true)
    #expect(pulled.links.first?.mac == "02:00:00:00:00:01" && pulled.links.first?.changes == 3)
    let after = history.take(reader.read(measures: false), at: at(2), measures: false)
    #expect(after.news.isEmpty && after.links.first?.changes == 3)
  }

  @Test func theWatchTellsOfACableAndEnds() async throws {
    let tree = try Tree()
    defer { tree.remove() }
    try tree.add("eth0")
    let heard = Heard<LinkSnapshot>()
    let system = tree.system
    let watching = Task { await LinkWatch(system, every: .milliseconds(20), isNIC: { _ in true }).run { heard.add($0) } }
    try await Heard<LinkSnapshot>.waits { heard.all.count > 1 }
    try tree.write("eth0", "carrier", "0\n")
    try await Heard<LinkSnapshot>.waits { heard.all.contains { $0.news == ["eth0"] && $0.links.first?.link == .down } }
    watching.cancel()
    await watching.value
  }
}
