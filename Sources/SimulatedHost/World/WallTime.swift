import Glibc

/// Seconds since 1970, UTC, and the ways XAPI writes them.
struct WallTime: Sendable, Hashable, Comparable {
  let seconds: Int64

  init(seconds: Int64) { self.seconds = seconds }

  static var now: WallTime { WallTime(seconds: Int64(time(nil))) }

  static func < (left: WallTime, right: WallTime) -> Bool { left.seconds < right.seconds }

  /// `20260923T08:15:04Z`
  var datetime: String {
    var moment = time_t(seconds)
    var parts = tm()
    gmtime_r(&moment, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))T"
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }
}
