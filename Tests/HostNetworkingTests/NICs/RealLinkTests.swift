import Dom0
import Foundation
import JSON
import Testing

@testable import HostNetworking

/// Real cables between namespaces, pulled and put back.
@Suite(.serialized, .enabled(if: LabParts.mayRun, LabParts.comment)) struct RealLinkTests {
  @Test func aCableIsPulledAndTheWatchTells() async throws {
    try await GatewayLab.with { lab in
      let heard = Heard<LinkSnapshot>()
      let system = lab.system
      let watching = Task { await LinkWatch(system, every: .milliseconds(100), isNIC: { $0.name == "eth0" }).run { heard.add($0) } }
      try await Heard<Void>.waits { heard.all.count > 2 }
      #expect(heard.all.last?.links.map(\.device) == ["eth0"] && heard.all.last?.links.first?.link == .up)
      try await lab.inside("switch", "ip", "link", "set", "p0", "down")
      try await Heard<Void>.waits { heard.all.contains { $0.news == ["eth0"] && $0.links.first?.link == .down } }
      try await lab.inside("switch", "ip", "link", "set", "p0", "up")
      try await Heard<Void>.waits { heard.all.last?.links.first?.link == .up }
      #expect(heard.all.last?.links.first?.changes == 2)
      // Down and up again between two looks: the kernel has counted.
      try await lab.inside("switch", "sh", "-c", "ip link set p0 down; ip link set p0 up")
      try await Heard<Void>.waits { heard.all.last?.links.first?.changes == 4 }
      watching.cancel()
      await watching.value
    }
  }

  @Test func detailsAndTrafficOfARealCable() async throws {
    try await GatewayLab.with { lab in
      let details = await NICLook(lab.system).details(of: "eth0")
      #expect(details.kernel?.hasCarrier == true && details.kernel?.speed == 10_000)
      #expect(details.driver.value?.driver == "veth" && details.link.value?.hasLink == true)
      #expect(details.features.value?.isEmpty == false && details.channels.value?.current["RX"] == 1)
      #expect(details.problems.contains { $0.0 == .module })
      let heard = Heard<CounterSample>()
      let system = lab.system
      // By `ip`, before and after: the switch between may lose some.
      let before = try await counts(lab)
      let watching = Task { await CounterWatch("eth0", system, every: .milliseconds(200)).run { heard.add($0) } }
      try await Heard<Void>.waits { heard.all.count > 1 }
      // 100 datagrams of 1000 bytes and their heads, to a port where nobody listens; one before, since the kernel keeps only so
      // many for an address whose MAC it still asks for.
      try await lab.inside(
        "peer", "bash", "-c",
        "line=$(printf 'x%.0s' $(seq 999)); echo >/dev/udp/10.0.4.12/9; sleep 0.5; for i in $(seq 100); do echo $line >/dev/udp/10.0.4.12/9; done")
      let sent = try await counts(lab)
      #expect(sent.packets - before.packets >= 50 && sent.bytes - before.bytes >= 50 * 1042)
      // One that was begun after the last had come.
      let samples = heard.all.count
      try await Heard<Void>.waits { heard.all.count > max(8, samples + 1) }
      watching.cancel()
      await watching.value
      let after = try await counts(lab)
      let (first, last) = (try #require(heard.all.first?.counters), try #require(heard.all.last?.counters))
      #expect(first.receivedBytes >= before.bytes && first.receivedPackets >= before.packets)
      #expect((sent.packets...after.packets).contains(last.receivedPackets) && (sent.bytes...after.bytes).contains(last.receivedBytes))
      var history = CounterHistory()
      for sample in heard.all { history.take(sample) }
      #expect(history.spans.contains { ($0.rates?.receivedBytes ?? 0) > 10_000 } && history.breaks == 0)
      // It has no light; nobody waits for one.
      let blinks = Heard<BlinkState>()
      await Blinking("eth0", seconds: 30, lab.system).run { blinks.add($0) }
      #expect(blinks.all == [.failed("eth0 cannot blink: its driver has no command for the light (Operation not supported)")])
    }
  }

  /// What `ip -s link` has counted.
  private func counts(_ lab: GatewayLab) async throws -> (packets: UInt64, bytes: UInt64) {
    let answer = try JSONValue(parsing: Array(try await lab.run("ip", "-s", "-j", "link", "show", "dev", "eth0").utf8))
    let received = answer.array?.first?["stats64"]?["rx"]
    return (UInt64(try #require(received?["packets"]?.int)), UInt64(try #require(received?["bytes"]?.int)))
  }
}
