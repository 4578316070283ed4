import CLinux
import Glibc

/// The host's system log, as syslog(3) writes to it (RFC 3164), but below the host's root: one datagram a message.
public struct SystemLog: Sendable {
  public static let path = "/dev/log"

  /// How much a message matters; the numbers are RFC 3164's.
  public enum Severity: Int, Sendable {
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
  }

  /// "Security/authorization messages": dom0's rsyslog keeps them in `/var/log/secure`.
  private static let authpriv = 10
  /// Bytes of a packet, RFC 3164 section 4.1.
  private static let longest = 1024

  private let system: HostSystem
  private let tag: String

  public init(_ system: HostSystem, tag: String = "xcpconsole") {
    self.system = system
    self.tag = tag
  }

  /// Sends one message; control characters are shown as blanks, and what is too long is cut.
  /// - Parameter at: now, in seconds since 1970.
  public func send(_ text: String, _ severity: Severity = .info, at moment: Int64) throws(HostFileError) {
    let place = try system.resolved(Self.path)
    guard var address = Self.address(place) else { throw .notChanged(path: Self.path, reason: "its path is too long") }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .notChanged(path: Self.path, reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    let packet = packet(text, severity, moment)
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    // rsyslog may be behind for a moment; whoever logs must not wait for it.
    for attempt in 0..<4 {
      if attempt > 0 { usleep(2000) }
      let sent = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          sendto(descriptor, packet, packet.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), $0, size)
        }
      }
      if sent == packet.count { return }
      guard errno == EAGAIN || errno == ENOBUFS || errno == EINTR else { break }
    }
    throw errno == ENOENT
      ? .missing(path: Self.path) : .notChanged(path: Self.path, reason: String(cString: strerror(errno)))
  }

  /// `<86>Nov 22 20:54:39 xcpconsole[1234]: text`, the time being local; programs on the host itself leave its name out.
  func packet(_ text: String, _ severity: Severity, _ moment: Int64) -> [UInt8] {
    var seconds = time_t(moment)
    var parts = tm()
    localtime_r(&seconds, &parts)
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let month = months[Int(parts.tm_mon) % 12]
    func two(_ number: Int32, _ pad: String = "0") -> String { number < 10 ? "\(pad)\(number)" : "\(number)" }
    let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    let head = "<\(Self.authpriv * 8 + severity.rawValue)>\(month) \(two(parts.tm_mday, " ")) \(clock) \(tag)[\(getpid())]: "
    let plain = String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : Character($0) })
    return Array(head.utf8) + Self.cut(plain, to: Self.longest - head.utf8.count)
  }

  /// At the end of a character, with an ellipsis.
  private static func cut(_ text: String, to count: Int) -> [UInt8] {
    if text.utf8.count <= count { return Array(text.utf8) }
    var kept: [UInt8] = []
    for character in text {
      guard kept.count + character.utf8.count + 3 <= count else { break }
      kept += Array(character.utf8)
    }
    return kept + Array("...".utf8)
  }

  private static func address(_ path: String) -> sockaddr_un? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return address
  }
}
