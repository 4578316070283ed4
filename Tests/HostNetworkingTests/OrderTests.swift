import HostNetworking
import Testing

@Suite struct NaturalOrderTests {
  @Test func numbersCountAsNumbers() {
    let names = ["eth10", "eth2", "eth1", "bond0", "eth02", "", "é", "ETH3", "eth"]
    #expect(names.sorted(by: comesBefore) == ["", "ETH3", "bond0", "eth", "eth1", "eth2", "eth02", "eth10", "é"])
  }

  @Test func isAStrictOrder() {
    let names = ["a", "a1", "a01", "a1b", "b", "1", "01", "10", "a10", "a9z"]
    for left in names {
      #expect(!comesBefore(left, left))
      for right in names where comesBefore(left, right) { #expect(!comesBefore(right, left)) }
    }
  }
}
