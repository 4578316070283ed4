/// Names in sentences, as plans about networks use them.
enum PoolWords {
  /// `xcp1`, `xcp1 and xcp2`, `xcp1, xcp2, xcp3 and 61 more`.
  static func list(_ names: some Collection<String>, most: Int = 6) -> String {
    let names = Array(names)
    if names.count <= 1 { return names.first ?? "" }
    if names.count > most + 1 { return names.prefix(most).joined(separator: ", ") + " and \(names.count - most) more" }
    return names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
  }

  /// `1 host`, `3 hosts`.
  static func count(_ number: Int, _ one: String) -> String { number == 1 ? "1 \(one)" : "\(number) \(one)s" }

  /// At the start of a sentence: a name alone would get a capital letter there. `Host xcp1`, `Hosts xcp1 and xcp2`.
  static func named(_ kind: String, _ names: [String]) -> String { (names.count == 1 ? kind : kind + "s") + " " + list(names) }

  static func have(_ number: Int) -> String { number == 1 ? "has" : "have" }
  static func are(_ number: Int) -> String { number == 1 ? "is" : "are" }
}
