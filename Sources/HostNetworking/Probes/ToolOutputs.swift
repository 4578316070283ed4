import Dom0

/// What `ping` of iputils wrote.
struct PingOutput {
  private(set) var answer = EchoAnswer()

  init(_ output: ToolOutput) {
    let text = output.text
    var times: [Double] = []
    for line in text.split(whereSeparator: \.isNewline).map({ String($0) }) {
      if let time = Self.number(in: line, after: "time="), line.contains("bytes from") {
        times.append(time)
      } else if line.contains(" packets transmitted, ") {
        answer.sent = line.split(separator: " ").first.flatMap { Int($0) } ?? 0
        answer.received = Self.number(in: line, after: "transmitted, ").map { Int($0) } ?? times.count
      } else if line.hasPrefix("From ") {
        answer.problem = Self.complaint(line)
      }
    }
    times.sort()
    if let first = times.first, let last = times.last {
      answer.shortest = .milliseconds(first)
      answer.longest = .milliseconds(last)
      answer.mean = .milliseconds(times.reduce(0, +) / Double(times.count))
    }
    if answer.received == 0, answer.problem == nil { complain(output) }
  }

  /// What ping itself or the kernel did not like.
  private mutating func complain(_ output: ToolOutput) {
    guard let line = output.errorText.split(whereSeparator: \.isNewline).last.map({ String($0) }), !line.isEmpty else {
      return
    }
    if let most = Self.number(in: line, after: "mtu=") ?? Self.number(in: line, after: "mtu = ") {
      answer.problem = .tooLong(most: Int(most), by: nil)
    } else {
      let words = line.split(separator: ": ", maxSplits: 1).last.map { String($0) } ?? line
      answer.problem = .notSent(words)
    }
  }

  /// `From 10.0.4.1 icmp_seq=1 Destination Host Unreachable`.
  private static func complaint(_ line: String) -> EchoAnswer.Problem? {
    let words = line.split(separator: " ")
    guard words.count > 3, let mark = words.firstIndex(where: { $0.hasPrefix("icmp_seq=") }) else { return nil }
    let by = InternetAddress(String(words[1]).trimmingSuffix(":"))
    let reason = words[(mark + 1)...].joined(separator: " ")
    if let most = number(in: reason, after: "mtu=") ?? number(in: reason, after: "mtu = ") {
      return .tooLong(most: Int(most), by: by)
    }
    return .unreachable(by: by, reason: reason)
  }

  private static func number(in line: String, after mark: String) -> Double? {
    guard let range = line.firstRange(of: mark) else { return nil }
    return Double(line[range.upperBound...].prefix { $0.isASCII && ($0.isNumber || $0 == ".") })
  }
}

/// What `arping` of iputils wrote: `Unicast reply from 10.0.4.1 [02:FC:00:00:00:01]  0.702ms`.
struct ArpingOutput {
  let neighbours: [Neighbour]

  init(_ text: String) {
    var found: [Neighbour] = []
    for line in text.split(whereSeparator: \.isNewline) where line.contains(" reply from ") {
      guard let open = line.firstIndex(of: "["), let close = line.firstIndex(of: "]"), open < close else { continue }
      let mac = line[line.index(after: open)..<close].lowercased()
      let time = line[line.index(after: close)...].drop { $0 == " " }.prefix { $0.isNumber || $0 == "." }
      guard !found.contains(where: { $0.mac == mac }) else { continue }
      found.append(Neighbour(mac: mac, after: .milliseconds(Double(time) ?? 0)))
    }
    neighbours = found
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}

/// What `dig` wrote: `;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 4711`, then records such as
/// `time.example.  300  IN  A  10.0.4.7`.
struct DigOutput {
  let answer: DNSAnswer

  private static let codes = ["NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5]

  init(_ output: ToolOutput, _ kind: DNSQuestion.Kind, after: Duration) {
    var code: Int?
    var addresses: [InternetAddress] = []
    for line in output.text.split(whereSeparator: \.isNewline) {
      if let range = line.firstRange(of: "status: ") {
        code = Self.codes[String(line[range.upperBound...].prefix { $0 != "," })]
      } else if !line.hasPrefix(";") {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count >= 5, words[3] == "\(kind)".uppercased(), let address = InternetAddress(String(words[4])) else { continue }
        addresses.append(address)
      }
    }
    // 9: no server could be reached.
    if let code, output.exit != .code(9) {
      answer = .reply(DNSReply(code: code, addresses: addresses, after: after))
    } else {
      answer = .silent("no answer")
    }
  }
}
