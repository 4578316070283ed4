import Glibc

/// Moments as text, in UTC: the same on every host, whatever its time zone.
enum UTCText {
  /// `2026-11-22T17:20:05Z`
  static func readable(_ seconds: Int64) -> String {
    let t = parts(seconds)
    return "\(t.year)-\(t.month)-\(t.day)T\(t.hour):\(t.minute):\(t.second)Z"
  }

  /// `20261122T172005Z`, for names of files: they sort by time.
  static func stamp(_ seconds: Int64) -> String {
    let t = parts(seconds)
    return t.year + t.month + t.day + "T" + t.hour + t.minute + t.second + "Z"
  }

  private static func parts(
    _ seconds: Int64
  ) -> (year: String, month: String, day: String, hour: String, minute: String, second: String) {
    var moment = time_t(seconds)
    var civil = tm()
    gmtime_r(&moment, &civil)
    func padded(_ number: Int32, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    return (
      padded(civil.tm_year + 1900, 4), padded(civil.tm_mon + 1, 2), padded(civil.tm_mday, 2), padded(civil.tm_hour, 2),
      padded(civil.tm_min, 2), padded(civil.tm_sec, 2)
    )
  }
}
