/// A sentence with places for an error's parameters.
///
/// A place is `{N|known|otherwise}`: when parameter N (from 0; `*` for all of them) can be shown, `known` with `%`
/// replaced by it, else `otherwise`. `{N|otherwise}` is short for `{N|%|otherwise}`. `{N:class|…}`, `{N:field|…}` and
/// `{N:bytes|…}` turn the name of a class, the name of a field or a number of bytes into plain words.
struct ErrorTemplate: Sendable, ExpressibleByStringLiteral {
  let source: String

  init(stringLiteral source: String) { self.source = source }

  /// Never leaves a place open, whatever `values` has.
  func filled(with values: ErrorParameters) -> String {
    var out = ""
    var rest = Substring(source)
    while let open = rest.firstIndex(of: "{") {
      out += rest[..<open]
      rest = rest[rest.index(after: open)...]
      let close = rest.firstIndex(of: "}") ?? rest.endIndex
      out += Self.fill(rest[..<close], values)
      rest = rest[close...].dropFirst()
    }
    return out + rest
  }

  private static func fill(_ place: Substring, _ values: ErrorParameters) -> String {
    let parts = place.split(separator: "|", omittingEmptySubsequences: false)
    guard let value = value(of: parts[0], values) else { return parts.count > 1 ? String(parts[parts.count - 1]) : "" }
    let known = parts.count > 2 ? parts[1] : "%"
    return known.split(separator: "%", omittingEmptySubsequences: false).joined(separator: value)
  }

  private static func value(of place: Substring, _ values: ErrorParameters) -> String? {
    let parts = place.split(separator: ":")
    guard let which = parts.first else { return nil }
    if which == "*" { return values.list }
    guard let value = Int(which).flatMap({ values[$0] }) else { return nil }
    switch parts.dropFirst().first {
    case "class": return PlainWords.ofClass(value)
    case "field": return PlainWords.ofField(value)
    case "bytes": return PlainWords.ofBytes(value)
    default: return value
    }
  }
}

/// An error's parameters as they can be shown: references by name, everything on one line.
struct ErrorParameters {
  private let values: [String?]

  init(_ parameters: [String], _ names: (String) -> String?) {
    values = parameters.map { parameter in
      let isReference = parameter.hasPrefix("OpaqueRef:") || parameter.hasPrefix("DummyRef:")
      let text = Self.oneLine(isReference ? names(parameter) ?? "" : parameter)
      return text.isEmpty ? nil : text
    }
  }

  /// nil when XAPI sent no such parameter, or one that means nothing to a person.
  subscript(index: Int) -> String? { values.indices.contains(index) ? values[index] : nil }

  var shown: [String] { values.compactMap { $0 } }

  /// All of them: the first few by name, the others counted.
  var list: String? {
    let names = shown
    if names.isEmpty { return nil }
    let others = values.count - min(names.count, 3)
    let first = names.prefix(3)
    if others > 0 { return first.joined(separator: ", ") + " and \(others) more" }
    return first.count == 1 ? first[0] : first.dropLast().joined(separator: ", ") + " and " + first[first.count - 1]
  }

  /// XAPI passes on what other programs said: it must neither break the line nor reach the terminal as an escape
  /// sequence.
  static func oneLine(_ text: String) -> String {
    let plain = String(text.unicodeScalars.prefix(2000).map { isControl($0) ? " " : Character($0) })
    let words = plain.split(separator: " ").joined(separator: " ")
    return words.count > 300 ? words.prefix(299) + "…" : words
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

/// XAPI's identifiers in words.
enum PlainWords {
  static func ofClass(_ name: String) -> String {
    switch name.lowercased() {
    case "pif": "interface"
    case "vif": "virtual interface"
    case "pif_metrics": "interface's link state"
    case "bond": "bond"
    case "vlan": "VLAN"
    case "vm": "VM"
    case "pci": "PCI device"
    case "sr": "storage"
    case "network_sriov": "SR-IOV network"
    case "sdn_controller": "SDN controller"
    case "cluster_host": "cluster member"
    default: name.replacing("_", with: " ")
    }
  }

  static func ofField(_ name: String) -> String {
    switch name {
    case "IP": "address"
    case "IPv6": "IPv6 address"
    case "DNS": "DNS server"
    default: name.replacing("_", with: " ")
    }
  }

  /// Whole MiB, or the text as it is when it is no number.
  static func ofBytes(_ text: String) -> String {
    Int64(text).map { "\($0 / 1_048_576) MiB" } ?? text
  }
}
