import Glibc
import HostNetworking
import XenAPI

/// Numbers as people say them.
enum Units {
  /// `10 Gb/s`, `2.5 Gb/s`, `100 Mb/s`; from Mbit/s.
  static func speed(_ megabits: Int) -> String {
    if megabits < 1000 { return "\(megabits) Mb/s" }
    let tenths = megabits / 100 + (megabits % 100 >= 50 ? 1 : 0)
    return tenths % 10 == 0 ? "\(tenths / 10) Gb/s" : "\(tenths / 10).\(tenths % 10) Gb/s"
  }

  /// `0:05`, `2:10`, `1:02:10`, `3 days`; for clocks that count up or down.
  static func clock(_ seconds: Int64) -> String {
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
    if hours >= 48 { return "\(hours / 24) days" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }

  /// `41 days`, `5 hours`, `12 minutes`: the largest unit that says enough.
  static func age(_ seconds: Int64) -> String {
    func count(_ number: Int64, _ unit: String) -> String { "\(number) \(unit)\(number == 1 ? "" : "s")" }
    if seconds >= 2 * 86_400 { return count(seconds / 86_400, "day") }
    if seconds >= 2 * 3600 { return count(seconds / 3600, "hour") }
    return seconds >= 60 ? count(seconds / 60, "minute") : count(seconds, "second")
  }

  /// `64 GiB`, `2.5 GiB`, `512 MiB`.
  static func memory(_ bytes: Int64) -> String {
    // Divided before anything is added: what XAPI tells may be any number.
    let mebibytes = bytes / 1_048_576 + (bytes % 1_048_576 >= 524_288 ? 1 : 0)
    if mebibytes < 1024 { return "\(mebibytes) MiB" }
    let tenths = (mebibytes * 10 + 512) / 1024
    return tenths % 10 == 0 || tenths >= 1000 ? "\(tenths / 10) GiB" : "\(tenths / 10).\(tenths % 10) GiB"
  }

  /// The local time of day, `14:02:09`.
  static func time(_ wall: Int64) -> String {
    var seconds = time_t(wall)
    var parts = tm()
    localtime_r(&seconds, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  }

  /// A moment in the past: the time of day alone for today, `21 Nov 13:58` or `21 Nov 2025` for others.
  static func moment(_ wall: Int64, now: Int64) -> String {
    func parts(_ wall: Int64) -> tm {
      var seconds = time_t(wall)
      var parts = tm()
      localtime_r(&seconds, &parts)
      return parts
    }
    let (then, today) = (parts(wall), parts(now))
    let clock = String(time(wall).prefix(5))
    if then.tm_year == today.tm_year, then.tm_yday == today.tm_yday { return clock }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let month = months.indices.contains(Int(then.tm_mon)) ? months[Int(then.tm_mon)] : "?"
    let day = "\(then.tm_mday) \(month)"
    return then.tm_year == today.tm_year ? "\(day) \(clock)" : "\(day) \(Int(then.tm_year) + 1900)"
  }

  static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    number == 1 ? "1 \(one)" : "\(number) \(many ?? one + "s")"
  }

  /// `20, 30, 101-110`.
  static func ranges(_ numbers: [Int]) -> String {
    var parts: [String] = []
    var index = numbers.startIndex
    while index < numbers.endIndex {
      var last = index
      while last + 1 < numbers.endIndex, numbers[last + 1] == numbers[last] &+ 1 { last += 1 }
      switch last - index {
      case 0: parts.append("\(numbers[index])")
      case 1: parts += ["\(numbers[index])", "\(numbers[last])"]
      default: parts.append("\(numbers[index])-\(numbers[last])")
      }
      index = last + 1
    }
    return parts.joined(separator: ", ")
  }
}
