/// A class of XAPI's database, with the fields that this program uses. Fields that a version of XAPI does not have read
/// as empty, zero or false.
public protocol XenRecord: Sendable {
  /// The class as the data model spells it: `PIF`, `network`.
  static var className: String { get }
  var uuid: String { get }
  init(_ fields: inout RecordFields)
}

extension XenRecord {
  /// Names of the fields that `init` asks for, for checking against the data model.
  public static var fieldNames: [String] { askedFields.map(\.name) }

  /// The same, with what `init` takes each for.
  static var askedFields: [(name: String, kind: RecordFields.Kind)] {
    var fields = RecordFields(recording: true)
    _ = Self(&fields)
    return fields.asked ?? []
  }
}
