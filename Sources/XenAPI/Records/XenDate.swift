/// A moment as XAPI writes it, `20260923T08:15:04Z`, to the second, UTC.
public struct XenDate: Hashable, Sendable, Comparable {
  /// Seconds since the start of 1970.
  public let seconds: Int64

  public static let never = XenDate(seconds: 0)

  public init(seconds: Int64) { self.seconds = seconds }

  /// Also takes the spelling with dashes that newer versions announce.
  public init?(_ text: String) {
    let digits = text.utf8.compactMap { (0x30...0x39).contains($0) ? Int64($0 - 0x30) : nil }
    guard digits.count >= 14, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "TZ:-.".utf8.contains($0) }) else {
      return nil
    }
    func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
    let (month, day) = (number(4..<6), number(6..<8))
    guard (1...12).contains(month), (1...31).contains(day) else { return nil }
    let (hour, minute, second) = (number(8..<10), number(10..<12), number(12..<14))
    guard hour < 24, minute < 60, second <= 60 else { return nil }
    seconds = Self.days(year: number(0..<4), month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
  }

  /// Days since 1970-01-01 in the Gregorian calendar.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    // The year is taken to begin in March, so that the leap day is its last.
    let year = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }

  public static func < (left: XenDate, right: XenDate) -> Bool { left.seconds < right.seconds }
}
