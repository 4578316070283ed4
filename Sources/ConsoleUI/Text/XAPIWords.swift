import HostNetworking
import TerminalUI
import XenAPI

/// How the console speaks of its connection to XAPI.
struct XAPIWords {
  /// For the header, at most 24 columns.
  let short: String
  /// A sentence for the notice below the header; nil when all is well.
  let notice: String?
  let style: Style

  /// Silence shorter than this, in seconds, right after the start is not worth a word.
  private static let patience: Int64 = 2

  init(_ context: Context) {
    guard let host = context.host else {
      (short, notice, style) = ("XAPI ...", nil, .header)
      return
    }
    let waited = context.now.seconds(since: host.since)
    let clock = Units.clock(waited)
    // First, because a narrow screen cuts the end.
    let known = Self.known(host, context.now)
    switch host.connection {
    case .live: (short, notice, style) = ("XAPI ok", nil, .header)
    case .connecting where waited < Self.patience: (short, notice, style) = ("XAPI ...", nil, .header)
    case .connecting:
      (short, style) = ("XAPI silent \(clock)", .headerBad)
      notice = known + "XAPI does not answer; still waiting."
    case .emergency(let failure):
      let isStarting = failure.code == "HOST_STILL_BOOTING"
      (short, style) = (isStarting ? "XAPI starting \(clock)" : "XAPI cut off \(clock)", .headerBad)
      notice = known + "\(failure)".sentence
    case .silent(let error):
      (short, style) = ("XAPI \(Self.isAbsent(error) ? "down" : "silent") \(clock)", .headerBad)
      notice = known + "\(error)".sentence
    }
  }

  /// Where what is shown comes from, while XAPI is away.
  private static func known(_ host: HostView, _ now: Moment) -> String {
    if let heard = host.heard {
      let links = host.sources.links?.origin == .tools ? "; links and addresses are live" : ""
      return "Shown is what was known at \(Units.time(now.wall(at: heard)))\(links). "
    }
    guard host.sources.configuration != nil else { return "Nothing is known from XAPI yet. " }
    guard case .written(let wall) = host.sources.names?.age else { return "From this host's own files and tools. " }
    return "From this host's own files and tools; names of VMs and networks from \(Units.moment(wall, now: now.wall)). "
  }

  private static func isAbsent(_ error: XenError) -> Bool {
    switch error {
    case .transport(.absent), .transport(.refused): true
    default: false
    }
  }
}

extension String {
  /// With a capital letter and a full stop. A command stays as it is typed, and a device as it is called: `eth0`.
  var sentence: String {
    let word = prefix { !$0.isWhitespace }
    let isName = word == "xe" || word == "xcpconsole" || word.contains { $0.isNumber }
    return (isName ? prefix(1).description : first?.uppercased() ?? "") + dropFirst() + (hasSuffix(".") ? "" : ".")
  }
}
