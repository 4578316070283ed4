import Glibc
import Testing

@testable import XenAPI

@Suite struct XenDateTests {
  private static func padded(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// Every day of the years that matter, and the borders of all others, against the C library.
  @Test func agreesWithTheCLibrary() throws {
    for year in 1...2399 {
      let everyDay = (1995...2045).contains(year)
      for month in 1...12 {
        for day in everyDay ? Array(1...28) : [1, 15, 28] {
          let (hour, minute, second) = ((day * 7) % 24, (month * 13) % 60, (day + month) % 60)
          var time = tm()
          time.tm_year = Int32(year - 1900)
          time.tm_mon = Int32(month - 1)
          (time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec) = (
            Int32(day), Int32(hour), Int32(minute), Int32(second)
          )
          let text =
            Self.padded(year, 4) + Self.padded(month, 2) + Self.padded(day, 2) + "T" + Self.padded(hour, 2) + ":"
            + Self.padded(minute, 2) + ":" + Self.padded(second, 2) + "Z"
          let expected = timegm(&time)
          if XenDate(text)?.seconds != Int64(expected) { Issue.record("\(text)") }
        }
      }
    }
  }

  @Test(arguments: [
    ("20240229T23:59:59Z", 1_709_251_199), ("20000229T00:00:00Z", 951_782_400), ("20240301T00:00:00Z", 1_709_251_200),
  ])
  func leapDays(text: String, seconds: Int64) { #expect(XenDate(text)?.seconds == seconds) }

  @Test(arguments: ["2026-09-23T08:15:04Z", "20260923T08:15:04Z", "20260923T08:15:04.123Z", "20260923T081504Z"])
  func spellings(text: String) { #expect(XenDate(text)?.seconds == 1_790_151_304) }

  @Test(arguments: [
    "", "never", "20260923", "20261323T08:15:04Z", "20260932T08:15:04Z", "20260900T08:15:04Z", "20260023T08:15:04Z",
    "20260923T24:00:00Z", "20260923T08:60:00Z", "20260923T08:15:61Z", "20260923T08:15Z", "20260923T08:15:04+02:00",
  ])
  func nonsense(text: String) { #expect(XenDate(text) == nil) }

  @Test func order() throws {
    #expect(try #require(XenDate("20260923T08:15:04Z")) < (try #require(XenDate("20260923T08:15:05Z"))))
    #expect(XenDate("19700101T00:00:00Z") == .never)
  }
}
