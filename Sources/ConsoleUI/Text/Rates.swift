/// How much goes over a wire, as people say it.
extension Units {
  /// `1.2 Gb/s`, `310 Mb/s`, `12 kb/s`, `0 b/s`; from bytes per second.
  static func bits(_ bytes: Double) -> String { scaled(bytes * 8, ["b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s"]) }

  /// `1.2 TB`, `310 MB`.
  static func bytes(_ bytes: UInt64) -> String { scaled(Double(bytes), ["B", "kB", "MB", "GB", "TB", "PB", "EB"]) }

  /// `12k packets/s`, `310 packets/s`.
  static func packets(_ packets: Double) -> String {
    let text = scaled(packets, ["", "k", "M", "G"])
    return (text.hasSuffix(" ") ? String(text.dropLast()) : text.replacing(" ", with: "")) + " packets/s"
  }

  /// `+0/s`, `+0.5/s`, `+12/s`.
  static func growth(_ each: Double) -> String {
    guard each.isFinite, each > 0 else { return "+0/s" }
    if each >= 10 { return "+\(whole(each))/s" }
    let tenths = max(1, whole(each * 10))
    return tenths % 10 == 0 ? "+\(tenths / 10)/s" : "+\(tenths / 10).\(tenths % 10)/s"
  }

  private static func scaled(_ value: Double, _ units: [String]) -> String {
    guard value.isFinite, value > 0 else { return "0 \(units[0])" }
    var (value, index) = (value, 0)
    // 999.6 is a thousand to those who read it.
    while value >= 999.5, index < units.count - 1 {
      value /= 1000
      index += 1
    }
    if value >= 10 || index == 0 { return "\(whole(value)) \(units[index])" }
    let tenths = whole(value * 10)
    if tenths >= 100 { return "10 \(units[index])" }
    return tenths % 10 == 0 ? "\(tenths / 10) \(units[index])" : "\(tenths / 10).\(tenths % 10) \(units[index])"
  }

  private static func whole(_ value: Double) -> Int { value < 1e15 ? Int(value.rounded()) : Int(1e15) }
}
