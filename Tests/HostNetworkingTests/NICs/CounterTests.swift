import Dom0
import Testing

@testable import HostNetworking

@Suite struct CounterTests {
  private let start = ContinuousClock.now

  private func sample(_ seconds: Double, rx: UInt64, tx: UInt64 = 0, errors: UInt64 = 0, index: Int? = 3, speed: Int? = 10_000) -> CounterSample {
    var sample = CounterSample(device: "eth0", instant: start + .seconds(seconds))
    sample.index = index
    sample.hasCarrier = true
    sample.speed = speed
    sample.counters = NetworkDevice.Counters(
      receivedBytes: rx, receivedPackets: 0, receiveErrors: errors, receiveDrops: 0, sentBytes: tx, sentPackets: 0, sendErrors: 0,
      sendDrops: 0)
    return sample
  }

  // MARK: Steps

  @Test func aCounterThatGrowsHasGrown() {
    #expect(CounterStep.between(5, 12) == 7)
    #expect(CounterStep.between(5, 5) == 0)
    #expect(CounterStep.between(0, .max) == .max)
  }

  @Test func aCounterThatComesRoundGoesOn() {
    #expect(CounterStep.between(UInt64(UInt32.max) - 9, 10) == 20)
    #expect(CounterStep.between(.max - 9, 10) == 20)
  }

  @Test func aCounterThatWasSetBackTellsNothing() {
    #expect(CounterStep.between(1_000_000, 10) == nil)
    #expect(CounterStep.between(1 << 40, 10) == nil)
    // In the upper half of 32 bits, but no link carries that much.
    #expect(CounterStep.between(3_000_000_000, 10, most: 1_000_000) == nil)
    #expect(CounterStep.between(3_000_000_000, 10, most: 2_000_000_000) == 1_294_967_306)
  }

  // MARK: Rates

  @Test func ratesHoldAtUnevenIntervals() throws {
    var history = CounterHistory()
    for (seconds, bytes) in [(0.0, 1000), (1.0, 2000), (1.5, 2500), (4.5, 5500)] { history.take(sample(seconds, rx: UInt64(bytes))) }
    for span in history.spans { #expect(abs(try #require(span.rates).receivedBytes - 1000) < 0.001) }
    #expect(abs(try #require(history.now).receivedBytes - 1000) < 0.001)
    let course = history.course({ $0.receivedBytes }, count: 4, each: .seconds(1))
    #expect(course.allSatisfy { abs(($0 ?? 0) - 1000) < 0.001 })
  }

  @Test func aRateAcrossA32BitCounterIsRight() throws {
    var history = CounterHistory()
    history.take(sample(0, rx: UInt64(UInt32.max) - 499))
    history.take(sample(2, rx: 1500))
    #expect(try #require(history.now).receivedBytes == 1000)
    #expect(history.breaks == 0)
  }

  @Test func whatWasSetBackIsAGapAndNoStorm() {
    var history = CounterHistory()
    history.take(sample(0, rx: 900_000_000))
    history.take(sample(1, rx: 900_001_000))
    history.take(sample(2, rx: 200))
    #expect(history.now == nil && history.breaks == 1)
    history.take(sample(3, rx: 1200))
    #expect(history.now?.receivedBytes == 1000)
    let course = history.course({ $0.receivedBytes }, count: 4, each: .seconds(1))
    #expect(course == [nil, 1000, nil, 1000])
  }

  @Test func anotherDeviceOfThatNameIsAGap() {
    var history = CounterHistory()
    history.take(sample(0, rx: 10))
    history.take(sample(1, rx: 20, index: 9))
    #expect(history.now == nil && history.breaks == 1)
  }

  @Test func aClockThatStandsStillDividesByNothing() {
    var history = CounterHistory()
    history.take(sample(1, rx: 10))
    history.take(sample(1, rx: 20))
    #expect(history.now == nil && history.spans.isEmpty)
  }

  @Test func aPeakWithinAColumnIsItsShareOfTheTime() throws {
    var history = CounterHistory()
    history.take(sample(0, rx: 0))
    history.take(sample(1, rx: 4000))
    history.take(sample(2, rx: 4000))
    let course = history.course({ $0.receivedBytes }, count: 2, each: .seconds(2))
    #expect(course == [nil, 2000])
  }

  @Test func theLongAgoIsForgotten() {
    var history = CounterHistory()
    for second in 0..<400 { history.take(sample(Double(second), rx: UInt64(second) * 10)) }
    #expect(history.spans.count <= 152 && history.spans.count >= 150)
  }

  // MARK: Troubles

  @Test func troublesAreToldFromTraffic() {
    var details = NICDetails(device: "eth0")
    details.statistics = .known([
      EthtoolRow(name: "rx_packets", value: "1000"), EthtoolRow(name: "rx_crc_errors", value: "17"),
      EthtoolRow(name: "rx_missed_errors", value: "0"), EthtoolRow(name: "rx_no_buffer_count", value: "3"),
      EthtoolRow(name: "[0]: rx_discards", value: "2"), EthtoolRow(name: "tx_timeout_count", value: "many"),
    ])
    #expect(details.troubles.map(\.name) == ["rx_crc_errors", "rx_no_buffer_count", "[0]: rx_discards"])
  }
}
