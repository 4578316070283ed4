import HostNetworking
import TerminalUI

extension ServicesFacts {
  /// What to say while XAPI tells nothing; nil when it does.
  var silenceFact: Fact? {
    switch xapi {
    case .asking: Fact("XAPI", "asking ...", style: .dim)
    case .silent(let why): Fact("XAPI", "silent: \(why)", style: .warning)
    case .answers: nil
    }
  }
}

extension Units {
  /// A span of time far below or above a second, `7 us`, `1.2 ms`, `3.4 s`, `12 minutes`; never negative.
  static func offset(_ seconds: Double) -> String {
    let size = abs(seconds)
    func tenths(_ value: Double) -> String {
      let whole = Int((value * 10).rounded())
      return whole % 10 == 0 || whole >= 1000 ? "\(whole / 10)" : "\(whole / 10).\(whole % 10)"
    }
    if size >= 1e9 { return "many years" }
    if size >= 120 { return age(Int64(size)) }
    if size >= 1 { return "\(tenths(size)) s" }
    return size >= 0.001 ? "\(tenths(size * 1000)) ms" : "\(Int((size * 1_000_000).rounded())) us"
  }

  /// A day, `22 Nov 2036`, UTC being near enough.
  static func day(_ wall: Int64) -> String {
    moment(wall).split(separator: " ").prefix(3).joined(separator: " ")
  }
}
