import Dom0
import Foundation
import SimulatedHost
import TestSupport
import Testing

@testable import HostNetworking

@Suite struct NICLookTests {
  /// A simulated host with its files.
  private struct Place {
    let host: SimulatedHost
    let system: HostSystem
    let root: String

    static func with(_ scenario: Scenario, _ body: (Place) async throws -> Void) async throws {
      let root = FileManager.default.temporaryDirectory.appendingPathComponent("nic-\(UUID().uuidString.prefix(8))").path
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: root) }
      let host = SimulatedHost(scenario: scenario)
      try await host.attach(root: root)
      try await body(Place(host: host, system: HostSystem(root: root, tools: SimulatedTools(host)), root: root))
      await host.stop()
    }
  }

  @Test func everythingIsTold() async throws {
    try await Place.with(.manyNICs) { place in
      let heard = Heard<NICDetails>()
      let details = await NICLook(place.system).details(of: "eth7") { heard.add($0) }
      #expect(details.asking.isEmpty)
      #expect(details.kernel?.mac == details.permanentMAC.value)
      #expect(details.driver.value?.driver == "mlx5_core")
      #expect(details.link.value?.partnerModes.isEmpty == false)
      #expect(details.features.value?.isEmpty == false)
      #expect(details.rings.value?.most["RX"] == 8192 && details.channels.value?.current["Combined"] == 16)
      #expect(details.pause.value?.negotiates == true)
      #expect(details.module.value?.contains { $0.name == "Vendor SN" } == true)
      #expect(details.firmware.value??.name == "em15")
      guard case .known(.neighbour(let neighbour)) = details.lldp else {
        Issue.record("no neighbour: \(details.lldp)")
        return
      }
      #expect(neighbour.system == "sw-r4-b" && neighbour.port == "TwentyFiveGigE1/0/14")
      // The files come first, then each part as it is told.
      let first = try #require(heard.all.first)
      #expect(first.kernel != nil && first.asking == NICDetails.Question.allCases)
      #expect(heard.all.count == NICDetails.Question.allCases.count + 1)
      #expect(heard.all.last?.json["problems"]?.object?.isEmpty == true)
    }
  }

  /// One that hangs is waited for alone.
  @Test func aToolThatHangsHidesNothing() async throws {
    try await Place.with(.standalone) { place in
      await place.host.setTool("lldptool", .hang)
      await place.host.setTool("ethtool -S", .hang)
      let heard = Heard<NICDetails>()
      let looking = Task { await NICLook(place.system).details(of: "eth0") { heard.add($0) } }
      try await Heard<Void>.waits { heard.all.last?.asking == [.statistics, .lldp] }
      #expect(heard.all.last?.driver.value?.driver == "tg3")
      looking.cancel()
      _ = await looking.value
    }
  }

  @Test func whatFailsSaysWhy() async throws {
    try await Place.with(.standalone) { place in
      await place.host.setTool("ethtool -k", .fail(code: 1, errors: "Cannot get device features: Input/output error\n"))
      await place.host.setTool("lldptool", .missing)
      let details = await NICLook(place.system).details(of: "eth0")
      let problems = Dictionary(uniqueKeysWithValues: details.problems.map { ($0.0, "\($0.1)") })
      #expect(problems[.features]?.contains("Input/output error") == true)
      #expect(problems[.lldp] == "lldptool is not on this host")
      #expect(problems[.module]?.contains("not supported") == true)
      #expect(details.json["problems"]?["features"]?.string == problems[.features])
      #expect(details.json["offloads"] == .null && details.json["rings"] != .null)
    }
  }

  @Test func aNICThatIsNotThereIsNotThere() async throws {
    try await Place.with(.standalone) { place in
      let details = await NICLook(place.system).details(of: "eth9")
      #expect(details.kernel == nil && details.link.failure != nil && details.asking.isEmpty)
    }
  }

  @Test func countersMoveWhileSomebodyLooks() async throws {
    try await Place.with(.standalone) { place in
      let heard = Heard<CounterSample>()
      let watching = Task { await CounterWatch("eth0", place.system, every: .milliseconds(100)).run { heard.add($0) } }
      try await Heard<Void>.waits { heard.all.count > 5 }
      watching.cancel()
      await watching.value
      var history = CounterHistory()
      for sample in heard.all { history.take(sample) }
      #expect((history.now?.receivedBytes ?? 0) > 0 && (history.now?.sentBytes ?? 0) > 0)
      #expect(heard.all.last?.link == .up && heard.all.last?.speed == 1000)
    }
  }

  // MARK: Blinking

  private func lights(_ place: Place) async -> Bool {
    let answer = await place.host.runTool(["ethtool", "-p", "eth3", "1"])
    return String(decoding: answer?.errors ?? [], as: UTF8.self).contains("busy")
  }

  @Test func aLightBlinksUntilItIsStopped() async throws {
    try await Place.with(.standalone) { place in
      let heard = Heard<BlinkState>()
      let blinking = Task { await Blinking("eth0", seconds: 600, place.system).run { heard.add($0) } }
      try await Heard<Void>.waits { heard.all == [.blinking] }
      #expect(await lights(place))
      blinking.cancel()
      await blinking.value
      #expect(heard.all == [.blinking], "nothing is told of a light that nobody wants any more")
      try await Heard<Void>.waits { await place.host.isDark }
    }
  }

  @Test func aLightStopsByItself() async throws {
    try await Place.with(.standalone) { place in
      let heard = Heard<BlinkState>()
      await Blinking("eth0", seconds: 1, place.system).run { heard.add($0) }
      #expect(heard.all == [.blinking, .ended])
    }
  }

  /// From one NIC to the next: the first one's end takes its moment.
  @Test func theNextLightWaitsForTheOneBefore() async throws {
    try await Place.with(.standalone) { place in
      let (first, second) = (Heard<BlinkState>(), Heard<BlinkState>())
      let one = Task { await Blinking("eth0", seconds: 60, place.system).run { first.add($0) } }
      try await Heard<Void>.waits { first.all == [.blinking] }
      let two = Task { await Blinking("eth1", seconds: 60, place.system).run { second.add($0) } }
      try await Task.sleep(for: .milliseconds(300))
      #expect(second.all.isEmpty)
      one.cancel()
      try await Heard<Void>.waits { second.all == [.blinking] }
      two.cancel()
      await two.value
    }
  }

  @Test func whoCannotBlinkSaysSoInPlainWords() async throws {
    try await Place.with(.manyNICs) { place in
      for (device, words) in [("eth14", "its driver has no command for the light"), ("eth99", "eth99 is not in this machine")] {
        let heard = Heard<BlinkState>()
        await Blinking(device, seconds: 60, place.system).run { heard.add($0) }
        guard case .failed(let why) = heard.all.first, heard.all.count == 1 else {
          Issue.record("\(device): \(heard.all)")
          continue
        }
        #expect(why.contains(words))
      }
    }
  }

  // MARK: A glance

  @Test(arguments: [Scenario.standalone, .xapiDown]) func aGlanceTellsWhatThereIs(_ scenario: Scenario) async throws {
    try await Place.with(scenario) { place in
      let socket = place.root + "/xapi"
      try await place.host.start(socketPath: socket)
      let watch = HostWatch(endpoint: .unixSocket(path: socket), system: place.system, timing: SimulatedView.quick)
      let view = try #require(await HostGlance(watch).view())
      await watch.close()
      #expect(view.interfaces.count { $0.kind == .nic } == 4)
      #expect(view.interfaces.first { $0.isManagement }?.addresses == ["10.0.4.11/24"])
    }
  }
}
