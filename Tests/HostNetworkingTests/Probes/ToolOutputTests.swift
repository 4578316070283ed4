import Dom0
import Testing

@testable import HostNetworking

/// What is made of the words of ping and arping.
struct ToolOutputTests {
  private func ping(_ text: String, errors: String = "", code: Int32 = 0) -> EchoAnswer {
    PingOutput(ToolOutput(exit: .code(code), output: Array(text.utf8), errors: Array(errors.utf8))).answer
  }

  @Test func repliesAreCounted() {
    let answer = ping(
      """
      PING 10.0.4.1 (10.0.4.1) 56(84) bytes of data.
      64 bytes from 10.0.4.1: icmp_seq=1 ttl=64 time=0.412 ms
      64 bytes from 10.0.4.1: icmp_seq=3 ttl=64 time=0.612 ms

      --- 10.0.4.1 ping statistics ---
      3 packets transmitted, 2 received, 33% packet loss, time 402ms
      rtt min/avg/max/mdev = 0.412/0.512/0.612/0.100 ms
      """)
    #expect(answer.sent == 3 && answer.received == 2 && answer.lost == 1)
    #expect(answer.mean?.brief == "0.5 ms")
    #expect(answer.problem == nil)
  }

  @Test(arguments: [
    ("From 10.0.4.12 icmp_seq=1 Destination Host Unreachable", "10.0.4.12 says: Destination Host Unreachable"),
    ("From 10.0.4.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)", "10.0.4.1 says: packets of at most 1400 bytes pass"),
    ("From fd00::1: icmp_seq=1 Packet too big: mtu=1380", "fd00::1 says: packets of at most 1380 bytes pass"),
  ]) func complaintsOfOthersAreQuoted(line: String, words: String) {
    let answer = ping(
      "\(line)\n\n--- x ping statistics ---\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n", code: 1)
    #expect(answer.received == 0 && answer.sent == 1)
    #expect(answer.problem?.words == words)
  }

  @Test(arguments: [
    ("ping: local error: Message too long, mtu=1500", EchoAnswer.Problem.tooLong(most: 1500, by: nil)),
    ("connect: Network is unreachable", .notSent("Network is unreachable")),
    ("ping: SO_BINDTODEVICE eth7: Invalid argument", .notSent("SO_BINDTODEVICE eth7: Invalid argument")),
  ]) func whatWasNotSentIsSaid(errors: String, problem: EchoAnswer.Problem) {
    #expect(ping("", errors: errors, code: 2).problem == problem)
  }

  @Test func eachNeighbourIsToldOnce() {
    let output = ArpingOutput(
      """
      ARPING 10.0.4.1 from 10.0.4.12 xenbr0
      Unicast reply from 10.0.4.1 [02:FC:00:00:00:01]  0.702ms
      Unicast reply from 10.0.4.1 [02:FC:00:00:00:02]  1.702ms
      Unicast reply from 10.0.4.1 [02:FC:00:00:00:01]  0.802ms
      Sent 2 probes (1 broadcast(s))
      Received 3 response(s)
      """)
    #expect(output.neighbours.map(\.mac) == ["02:fc:00:00:00:01", "02:fc:00:00:00:02"])
    #expect(output.neighbours.first?.after == .microseconds(702))
  }

  @Test func durationsAreBrief() {
    #expect(Duration.microseconds(412).brief == "0.4 ms")
    #expect(Duration.milliseconds(23.4).brief == "23 ms")
    #expect(Duration.milliseconds(999).brief == "999 ms")
    #expect(Duration.milliseconds(2340).brief == "2.3 s")
  }
}
